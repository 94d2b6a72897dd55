"""What a probe can hear, in the reader's language. Nothing is on its way then: a delivery's sentence would be wrong here."""

from __future__ import annotations

from typing import Any

from channels.outcomes import Outcome, Throttled, TryLater
from diffusion.errors import word

PROBED: dict[str, tuple[str, str]] = {
    "credentials": (
        "Le canal répond, mais refuse ces identifiants. Prenez-en de nouveaux chez lui, et saisissez-les.",
        "The channel answers, but refuses the credentials. Get new ones there, and enter them.",
    ),
    "forbidden": (
        "Le canal répond, mais ne nous laisse pas entrer. Donnez-y à ce compte le droit de publier, puis réessayez.",
        "The channel answers, but does not let us in. Grant this account the right to post there, then try again.",
    ),
    "unreachable": (
        "Aucun serveur ne répond à cette adresse. Relisez le nom, lettre par lettre, et le port ; ou réessayez quand "
        "le serveur sera en marche.",
        "No server answers at this address. Check its name, letter by letter, and the port; or try again once the "
        "server is up.",
    ),
    "no_answer": (
        "Un serveur est là, mais sa réponse n’est pas venue jusqu’au bout. Vérifiez le port et le chiffrement, puis "
        "réessayez.",
        "A server is there, but its answer did not come whole. Check port and encryption, then try again.",
    ),
    "unreadable": (
        "Un serveur répond, mais pas comme ce canal. Vérifiez l’adresse : est-ce bien celle du service, sans page au bout ?",
        "A server answers, but not as this channel does. Check the address: is it the service’s own, with no page after it?",
    ),
    "server_error": (
        "Le serveur est en panne de son côté. Réessayez plus tard, ou demandez à qui le tient.",
        "The server is out of order. Try again later, or ask whoever runs it.",
    ),
    "busy": (
        "Le serveur est occupé. Réessayez dans quelques minutes.",
        "The server is busy. Try again in a few minutes.",
    ),
    "rate_limited": (
        "Le serveur demande d’attendre. Réessayez dans quelques minutes.",
        "The server asks to wait. Try again in a few minutes.",
    ),
    "redirected": (
        "Ce serveur renvoie vers une autre adresse. Donnez l’adresse définitive.",
        "This server redirects elsewhere. Give the final address.",
    ),
    "not_supported": (
        "Un serveur répond, mais sans le service qu’il faut à ce canal. Vérifiez l’adresse, ou faites-le ouvrir là-bas.",
        "A server answers, but without the service that this channel needs. Check the address, or have it opened there.",
    ),
    "target_gone": (
        "Un serveur répond, mais n’a pas ce service à cette adresse. Est-ce bien l’adresse du canal ?",
        "A server answers, but has no such service at this address. Is it the channel’s own address?",
    ),
    "vendor": (
        "Le serveur a refusé ; sa réponse est ci-dessous.",
        "The server refused; its answer is below.",
    ),
}
"""What reads otherwise when it is asked who we are than when something was to be published; other codes: `errors.word`."""

WARNINGS: dict[str, tuple[str, str]] = {
    "compatible_server": (
        "Ce serveur est compatible avec Mastodon sans en être un : ses limites et ses corrections peuvent différer.",
        "This server is compatible with Mastodon without being one: its limits and edits may differ.",
    ),
    "not_encrypted": (
        "La connexion au relais n’est pas chiffrée.",
        "The connection to the relay is not encrypted.",
    ),
    "lacks publish_posts": (
        "Ce compte n’a pas le droit de publier des articles : ses diffusions seraient refusées.",
        "This user may not publish posts: deliveries would be refused.",
    ),
    "lacks upload_files": (
        "Ce compte n’a pas le droit d’envoyer des images : une diffusion illustrée serait refusée.",
        "This user may not upload pictures: a delivery with one would be refused.",
    ),
}
"""What a channel's `Health.warnings` say."""


def said(code: str, language: str, **facts: Any) -> str:
    """The sentence of what a probe heard, an outcome's code or a warning."""
    pair = PROBED.get(code) or WARNINGS.get(code)
    if pair is None:
        return word(code, language, **facts)
    return pair[0 if language.startswith("fr") else 1]


def may_pass(outcome: Outcome) -> bool:
    """Whether time alone may put it right: a server that is away or busy, not a wrong password."""
    return isinstance(outcome, TryLater | Throttled)
