"""Ways in: password or e-mailed code (allauth, sign-up closed), and the one-time link whose button alone acts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import PurePosixPath
from typing import Any

from allauth.account import views as allauth_views
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth
from django.conf import settings
from django.contrib.auth import login
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from diffusion.directory.models import Person
from diffusion.directory.notify import LASTS_A_WAY_IN, post
from diffusion.directory.people import open_link, spend_link
from diffusion.errors import NotNow
from diffusion.web.answers import came_from, evenly, needs
from diffusion.web.frame import Frame

BACKEND = settings.AUTHENTICATION_BACKENDS[0]


class Adapter(DefaultAccountAdapter):
    """allauth, closed: people are added by an administrator, and links in mails are of the public address."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def format_email_subject(self, subject: str) -> str:
        return str(subject)

    def render_mail(self, template_prefix: str, email: Any, context: Any, headers: Any = None) -> EmailMessage:
        """In the language of the one who reads it, not of the browser that asked."""
        person = Person.objects.filter(email__iexact=email).first()
        with translation.override(person.language if person else translation.get_language()):
            return super().render_mail(template_prefix, email, context, headers)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Written down, and handed over by a worker: neither a slow relay nor one that is down shows who works here."""
        mail = self.render_mail(template_prefix, email, {"request": allauth.request, "email": email, **context})
        what = PurePosixPath(template_prefix).name
        post(email, mail.subject, str(mail.body), what, lasts=LASTS_A_WAY_IN)
        allauth.request.has_mailed = True

    def get_reset_password_from_key_url(self, key: str) -> str:
        uid, _, token = key.partition("-")
        return settings.BASE_URL + reverse("account_reset_password_from_key", args=[uid, token])

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("me")


def alike(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page that mails whom it knows: for anybody else it does the same work, with a mail to nobody."""

    @evenly
    @wraps(page)
    def answer(request: HttpRequest) -> HttpResponse:
        answered = page(request)
        if answered.status_code == 302 and request.method == "POST" and not getattr(request, "has_mailed", False):
            Adapter(request).send_mail("account/email/unknown_account", "", {})
        return answered

    return answer


request_code, reset_password = alike(allauth_views.request_login_code), alike(allauth_views.password_reset)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, secret: str) -> HttpResponse:
    """A one-time link: opening it shows a button, and only the button's POST signs in and spends it."""
    if request.method == "POST":
        try:
            person = spend_link(secret)
        except NotNow:
            return render(request, "sign_in/spent.html", status=410)
        login(request, person, backend=BACKEND)
        return redirect("home")
    found = open_link(secret)
    if found is None:
        return render(request, "sign_in/spent.html", status=410)
    return render(request, "sign_in/link.html", {"link": found})


@needs()
def home(request: HttpRequest) -> HttpResponse:
    """The first page of their menu; their own account where they have no role yet."""
    menu = Frame(request).menu
    return redirect(menu[0].url if menu else "me")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Dark or light, without script: turn, and come back."""
    chosen = "light" if request.COOKIES.get("theme") == "dark" else "dark"
    answer = redirect(came_from(request) or "home")
    answer.set_cookie("theme", chosen, max_age=31536000, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return answer
