"""What every page does the same way: who may open it, and how it answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext

from diffusion import access
from diffusion.directory.models import RoleKind
from diffusion.errors import No, NotAllowed, word

View: TypeAlias = Callable[..., HttpResponse]
AT_LEAST_S = 0.2
"""Several times what the work takes."""


def needs(*kinds: str) -> Callable[[View], View]:
    """A page for people who have one of these roles; without kinds, for whoever is signed in."""

    def dress(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if kinds and not access.kinds_of(request.user) & set(kinds):
                raise NotAllowed("needs_role", role=RoleKind(kinds[0]).label)
            return view(request, *args, **kwargs)

        page.kinds = kinds  # type: ignore[attr-defined]  # the table of addresses and roles reads it
        return page

    return dress


def may(thing: str, act: str) -> Callable[[View], View]:
    """A page for people whose roles allow the act on some such thing."""
    return needs(*sorted(access.RULES[thing, act], key=list(RoleKind).index))


def evenly(view: View) -> View:
    """What is posted here is answered no sooner than `AT_LEAST_S`: the time that it takes would tell whom we know."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        until = time.monotonic() + AT_LEAST_S
        answer = view(request, *args, **kwargs)
        if request.method == "POST" and answer.status_code < 400:
            time.sleep(max(0.0, until - time.monotonic()))
        return answer

    return page


def done(request: HttpRequest, said: str, to: str, *args: Any, undo: str = "") -> HttpResponseRedirect:
    """After a verb: go to page `to` and say what happened. `undo` is the address whose POST takes it back."""
    messages.success(request, said, extra_tags=undo)
    return redirect(to, *args)


def came_from(request: HttpRequest) -> str:
    """The page of ours on which a button stood; empty when the browser doesn't say, or names another site."""
    back = request.headers.get("Referer", "")
    return back if url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()) else ""


def sentence(no: No) -> str:
    """What a verb said, in the reader's language; a state or a role inside it too."""
    facts = {key: gettext(value) if key in ("state", "role") else value for key, value in no.facts.items()}
    return word(no.code, get_language() or "fr", **facts)


def refuse(request: HttpRequest, no: No) -> HttpResponse:
    """A verb said no and no form was there to show it: back to where the button stood, the reason on top."""
    said = sentence(no)
    back = came_from(request)
    if request.method == "POST" and back:
        messages.error(request, said)
        return redirect(back)
    return render(request, "no.html", {"said": said}, status=no.status)
