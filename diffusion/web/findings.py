"""What stands against a version, in words, with what can be done: read from the guard's verdict and the channel's check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext

from diffusion.errors import word
from diffusion.rendition.models import Version
from diffusion.web.grid import KINDS
from diffusion.web.spelling import ngettext

OVER = frozenset({"text_too_long", "title_too_long"})


@dataclass(frozen=True, slots=True)
class Finding:
    """`mark` is the note's class: bad, warn or ok. `may_override`: a person may answer for it with a reason."""

    mark: str
    head: str
    said: str
    may_override: bool = False


def findings(version: Version) -> list[Finding]:
    """What blocks first, then what a person should look at."""
    rows = [*(_fault(fault) for fault in version.blocking), *_warnings(version)]
    if version.is_stale:
        rows.append(
            Finding(
                "warn",
                gettext("Modifiée à la main, et le message a changé depuis."),
                gettext("Relisez-la, ou recomposez-la."),
            )
        )
    return rows


def _fault(fault: dict[str, Any]) -> Finding:
    return FAULTS[fault["fault"]](fault)


def _contradicted(fault: dict[str, Any]) -> Finding:
    said = gettext("Le message dit « {ours} », cette version « {theirs} ».")
    ours = fault["canonical"]["text"] if fault["canonical"] else "…"
    return Finding("bad", gettext("Contredit un fait."), said.format(ours=ours, theirs=fault["text"]), True)


def _missing(fault: dict[str, Any]) -> Finding:
    text = fault["canonical"]["text"] if fault["canonical"] else fault["value"]
    return Finding("warn", gettext("Il manque un fait essentiel :"), f"{_kind(fault)}, « {text} ».", True)


def _added(fault: dict[str, Any]) -> Finding:
    said = gettext("« {text} » n'est pas dans le message.").format(text=fault["text"])
    return Finding("bad", gettext("Ajoute un fait."), said, True)


def _leak(fault: dict[str, Any]) -> Finding:
    said = gettext("« {text} » est réservé à un autre niveau.").format(text=fault["text"])
    return Finding("bad", gettext("Dit ce que ce niveau ne doit pas lire."), said, True)


def _tone(fault: dict[str, Any]) -> Finding:
    why = fault["why"]["fr" if get_language() == "fr" else "en"]
    said = gettext("« {text} » : {why}").format(text=fault["text"], why=why) if fault["text"] else why
    return Finding("bad", gettext("La charte l’arrête."), said, True)


def _limit(fault: dict[str, Any]) -> Finding:
    code, over = fault["code"], fault.get("over", 0)
    facts = {name: value for name, value in fault.items() if name not in ("fault", "code")}
    said = word(code, get_language() or "fr", **facts)
    if code in OVER:
        head = ngettext("{n} signe de trop.", "{n} signes de trop.", over).format(n=over)
        return Finding(
            "bad",
            head,
            gettext(
                "Rien de plus ne peut être retiré sans perdre un fait essentiel : raccourcissez-la, ou décochez un fait."
            ),
        )
    return Finding("bad", said, "")


FAULTS = {
    "contradicted": _contradicted, "missing": _missing, "added": _added, "leaks": _leak, "tone": _tone, "limit": _limit,
}  # fmt: skip


def _warnings(version: Version) -> list[Finding]:
    said = gettext("« {text} » n'est pas dans le message. Vérifiez.")
    return [
        Finding("warn", gettext("Ajoute un fait."), said.format(text=fault["text"]))
        for fault in version.verdict.get("added", ())
        if not fault["blocks"]
    ]


def _kind(fault: dict[str, Any]) -> str:
    return str(KINDS.get(fault["kind"], fault["kind"])).lower()


@dataclass(frozen=True, slots=True)
class Meter:
    """How long a version is, as its channel counts. `mark`: near from 90 %, over beyond the limit."""

    length: int
    limit: int | None

    @property
    def percent(self) -> int:
        return min(100, round(self.length * 100 / self.limit)) if self.limit else 0

    @property
    def mark(self) -> str:
        if not self.limit or self.length < self.limit * 0.9:
            return ""
        return "over" if self.length > self.limit else "near"


def meter(version: Version, text: str | None = None) -> Meter:
    """Of the version as it stands, or of a text being written."""
    text, account = version.text if text is None else text, version.account
    return Meter(account.channel_class.length(text, account.limits), account.limits.ceiling(text))
