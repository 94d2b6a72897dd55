"""Small changes to a message, one button each: a change of the tone, the essential facts, a picture."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from diffusion import access
from diffusion.message import undo, write
from diffusion.message.models import Message
from diffusion.rendition.versions import compose_all, read_on, statement_of
from diffusion.web.answers import done, may
from diffusion.web.grid import grid
from diffusion.web.pictures import PictureForm


@may("message", "edit")
@require_POST
def message_change(request: HttpRequest, public_id: str, index: int, act: str) -> HttpResponse:
    """Undo one change of the tone, turn a proposal down, or take it."""
    row = access.message(request.user, public_id, to="edit")
    verb = {"undo": undo.undo_change, "accept": undo.accept_change}[act]
    verb(row, index, by=request.user, based_on=_based_on(request, row))
    compose_all(row)
    return done(request, gettext("Enregistré. Les versions sont recomposées."), "message", public_id)


def _based_on(request: HttpRequest, row: Message) -> int:
    given = request.POST.get("based_on", "")
    return int(given) if given.isdecimal() and len(given) < 10 else row.revision.number


@may("message", "edit")
@require_POST
def message_facts(request: HttpRequest, public_id: str) -> HttpResponse:
    """Which facts must reach every version. Only facts that the message states can be chosen."""
    row = access.message(request.user, public_id, to="edit")
    statement = statement_of(row.revision)
    stated = {fact.key: [fact.kind, fact.value] for fact in grid(row, statement, (), read_on(row, row.levels[-1]))}
    chosen = [stated[key] for key in request.POST.getlist("essential") if key in stated]
    words = replace(write.words_of(row.revision), essential=None if "usual" in request.POST else chosen)
    write.revise(row, words, by=request.user, based_on=_based_on(request, row))
    compose_all(row)
    return done(request, gettext("Faits essentiels enregistrés."), "message", public_id)


@may("message", "edit")
def message_picture(request: HttpRequest, public_id: str) -> HttpResponse:
    """Add a picture, with its description."""
    row = access.message(request.user, public_id, to="edit")
    form = PictureForm(request.POST or None, request.FILES or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        asset = form.described()
        if asset is not None:
            words = write.words_of(row.revision)
            media = [*(picture for picture in words.media if picture.pk != asset.pk), asset]
            write.revise(row, replace(words, media=media), by=request.user, based_on=_based_on(request, row))
            compose_all(row)
            return done(request, gettext("Image ajoutée."), "message", public_id)
        form.add_error("picture", gettext("Choisissez un fichier."))
    return render(request, "composer/picture.html", {"message": row, "form": form})


@may("message", "edit")
@require_POST
def message_picture_out(request: HttpRequest, public_id: str, asset: str) -> HttpResponse:
    row = access.message(request.user, public_id, to="edit")
    words = write.words_of(row.revision)
    media = [picture for picture in words.media if picture.public_id != asset]
    write.revise(row, replace(words, media=media), by=request.user, based_on=_based_on(request, row))
    compose_all(row)
    return done(request, gettext("Image retirée du message."), "message", public_id)
