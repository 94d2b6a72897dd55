"""A letter for its readers: subscribe, confirm, leave. Opening a link never acts; a mail program's one click does (RFC 8058)."""

from __future__ import annotations

from allauth.core import ratelimit
from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from diffusion import access
from diffusion.errors import No, NotNow
from diffusion.newsletter import subscribe as verbs
from diffusion.web.answers import evenly
from diffusion.web.forms import Form


class SubscribeForm(Form):
    """`website` is a trap: people don't see it, programs that fill in everything do."""

    email = forms.EmailField(
        label=_("Votre adresse de courriel"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": _("Ce n'est pas une adresse de courriel. Exemple : prenom.nom@exemple.fr")},
    )
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))


@evenly
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask for a letter. The answer is the same whether the address was known: nobody learns who reads what."""
    row = access.open_letter(public_id)
    form = SubscribeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="subscribe"):
            form.says(NotNow("too_often"))
            return render(request, "public/letter.html", {"letter": row, "form": form}, status=429)
        try:
            if not form.cleaned_data["website"]:
                verbs.subscribe(row, email=form.cleaned_data["email"], language=get_language() or "fr")
        except No as no:
            form.says(no, "email")
        else:
            return render(request, "public/letter_asked.html", {"letter": row, "email": form.cleaned_data["email"]})
    return render(request, "public/letter.html", {"letter": row, "form": form})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def letter_confirm(request: HttpRequest, public_id: str, secret: str) -> HttpResponse:
    """The link of the mail shows a button; the button confirms."""
    row = access.open_letter(public_id)
    consent = access.reader(row, secret)
    if request.method == "POST":
        if consent.has_left:  # they left since this mail was sent: an old link brings nobody back
            raise Http404
        consent = verbs.confirm(row, consent.subscriber)
    return render(request, "public/letter_confirm.html", {"letter": row, "consent": consent})


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def letter_leave(request: HttpRequest, public_id: str, secret: str) -> HttpResponse:
    """Leave at once. Mail programs post here without cookies or token (RFC 8058, 3.1): the secret in the address is the proof."""
    row = access.open_letter(public_id, to_leave=True)
    consent = access.reader(row, secret)
    if request.method == "POST":
        verbs.leave(row, consent.subscriber)
        consent.refresh_from_db()
    return render(request, "public/letter_leave.html", {"letter": row, "consent": consent})
