"""The journal: who did what to what, when. Read only; it is written by the verbs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from diffusion.audit import Entry
from diffusion.web.answers import may

A_PAGE = 50
SAID: dict[str, Any] = {
    "set_policy": _("a changé les règles de"),
    "add_brand": _("a ajouté la marque"),
    "add_directorate": _("a ajouté la direction"),
    "add_person": _("a ajouté"),
    "add_source": _("a ajouté la source"),
    "add_subscriber": _("a inscrit à une lettre"),
    "adopt_charter": _("a mis en vigueur la charte de"),
    "approve": _("a approuvé"),
    "ask": _("a demandé l'approbation de"),
    "import_places": _("a importé la liste des lieux de"),
    "internal_late": _("a signalé un retard interne pour"),
    "ask_deputy": _("a sollicité la suppléance pour"),
    "attach": _("a rattaché à"),
    "cancel": _("a annulé"),
    "change_list": _("a changé la lettre"),
    "change_directorate": _("a changé la direction"),
    "change_person": _("a changé la fiche de"),
    "confirm": _("a vu en ligne"),
    "confirm_line": _("a noté un envoi comme parti, dans"),
    "confirm_subscription": _("a confirmé une inscription"),
    "connect": _("a connecté"),
    "correct": _("a corrigé partout"),
    "correct_letter": _("a corrigé en cours de route la lettre"),
    "deactivate": _("a fermé le compte de"),
    "decline": _("a écarté"),
    "deny_line": _("a fait renvoyer un courriel de"),
    "done_by_hand": _("a corrigé ou retiré à la main"),
    "deny": _("n'a pas vu en ligne"),
    "draft": _("a créé le message"),
    "doubt_bounces": _("a vu trop d'adresses refusées d'un coup, et n'en a écarté aucune, de"),
    "drain": _("a fait s'arrêter un ouvrier"),
    "edit_version": _("a retouché une version de"),
    "end_absence": _("a retiré une absence de"),
    "erase": _("a effacé"),
    "first_administrator": _("a ouvert le premier compte"),
    "forget": _("a oublié"),
    "give_role": _("a donné un rôle à"),
    "hold": _("a suspendu les envois"),
    "late_receipt": _("a reçu tard l'accusé de"),
    "leave": _("a noté un départ d'une lettre"),
    "lift": _("a levé la suspension"),
    "look": _("a fait regarder"),
    "join_campaign": _("a mis dans une campagne"),
    "leave_campaign": _("a sorti d'une campagne"),
    "make_feed_address": _("a fait une adresse de flux"),
    "make_link": _("a fait un lien d'entrée pour"),
    "make_token": _("a fait une clé de machine pour"),
    "open_list": _("a ouvert la lettre"),
    "override": _("a passé outre une alerte sur"),
    "pause": _("a mis en pause"),
    "plan": _("a programmé"),
    "probe": _("a essayé"),
    "pull": _("a fait relever"),
    "pull_failed": _("n'a pas pu relever"),
    "reactivate": _("a rouvert le compte de"),
    "reconnect": _("a reconnecté"),
    "reschedule": _("a déplacé"),
    "reset_version": _("a remis une version de"),
    "resume": _("a remis en route"),
    "restore": _("a restauré d'une sauvegarde"),
    "retry": _("a rejoué"),
    "revise": _("a révisé"),
    "revoke_feed_address": _("a fermé une adresse de flux"),
    "revoke_token": _("a fermé une clé de machine de"),
    "note_sighting": _("a noté ce qu'on voit de"),
    "publish_again": _("a publié de nouveau"),
    "put_back": _("a remis le texte de"),
    "seen_changed": _("a vu changée, de l'extérieur,"),
    "seen_gone": _("n'a plus vu, de l'extérieur,"),
    "sending_again": _("a vu repartir l'envoi"),
    "sending_stopped": _("a vu l'envoi arrêté"),
    "set_absence": _("a noté une absence de"),
    "set_aside": _("a mis de côté"),
    "set_terms": _("a réglé le départ de"),
    "sign_in": _("a suivi un lien de connexion"),
    "silence": _("a constaté le silence sur"),
    "stop_outside": _("a gardé en interne"),
    "submit": _("a proposé"),
    "subscribe": _("a demandé une lettre"),
    "suppress": _("a cessé d'écrire à des adresses qui ne prennent plus de courriels, de"),
    "take_in": _("a inscrit des adresses à"),
    "export_list": _("a exporté la lettre"),
    "take_back": _("a repris"),
    "take_role": _("a retiré un rôle à"),
    "vouch": _("a dit oui, malgré le frein, à"),
    "withdraw": _("a retiré partout"),
}
"""A verb → what its actor did, before the subject's name."""
NAMELESS = frozenset({
    "add_subscriber", "confirm_subscription", "drain", "forget", "hold", "leave", "lift", "make_feed_address",
    "revoke_feed_address", "sending_again", "sending_stopped", "sign_in", "subscribe",
})  # fmt: skip
"""Verbs whose sentence needs no name after it, or must not give one."""


@dataclass(frozen=True, slots=True)
class Line:
    entry: Entry
    said: Any
    subject: str
    facts: list[tuple[str, Any]]


@may("journal", "see")
@require_GET
def journal(request: HttpRequest) -> HttpResponse:
    page = Paginator(Entry.objects.select_related("by"), A_PAGE).get_page(request.GET.get("page"))
    names = _names(list(page.object_list))
    lines = [_line(entry, names) for entry in page]
    return render(request, "journal/page.html", {"page": page, "lines": lines})


def _line(entry: Entry, names: dict[tuple[str, int], str]) -> Line:
    name = "" if entry.verb in NAMELESS else names.get((entry.subject_kind, entry.subject_id), "")
    facts = [(key, value) for key, value in entry.facts.items() if value not in ("", None, [])]
    return Line(entry, SAID.get(entry.verb, entry.verb), name, facts)


def _names(entries: list[Entry]) -> dict[tuple[str, int], str]:
    """(kind, primary key) → the subject's name now: one query a kind."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        wanted[entry.subject_kind].add(entry.subject_id)
    found = {}
    for kind, keys in wanted.items():
        for row in _rows(kind, keys):
            found[kind, row.pk] = str(getattr(row, "message", row))
    return found


def _rows(kind: str, keys: set[int]) -> Any:
    try:
        model = apps.get_model("diffusion", kind)
    except LookupError:
        return ()
    related = [name for name in ("message__revision", "revision") if _has(model, name.split("__")[0])]
    return model._default_manager.filter(pk__in=keys).select_related(*related[:1])


def _has(model: Any, name: str) -> bool:
    return any(field.name == name for field in model._meta.fields)
