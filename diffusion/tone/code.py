"""The few rules that data can't say: quotation marks are paired, digits are counted.

Each function takes a page and yields hits; each runs in time linear in the text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import NamedTuple

import regex

from diffusion.tone.rule import Hit, Page
from diffusion.tone.scopes import MARKUP

NBSP, FINE = "\u00a0", "\u202f"
_GAP = " \t\u00a0\u2009\u202f"
_OPENS_AFTER = _GAP + "\n\r([{<«“‘'’/|>*_~–—-=:;.,…" + MARKUP
_CLOSES_BEFORE = _GAP + "\n\r)]}>»”’'.,;:!?…/|*_~–—-" + MARKUP


_MARKS = {marks: regex.compile(f"[{marks}]") for marks in ('"', '"“”')}
_GUILLEMETS = regex.compile("[«»]")
_LINE = regex.compile(r"[^\n]++")
_BLOCK = regex.compile(r"[^\n]++(?:\n(?!{gap}*+(?:\n|\Z))[^\n]*+)*+".replace("{gap}", f"[{_GAP}\r]"))


class Pair(NamedTuple):
    """Two quotation marks that belong together, by offset."""

    open: int
    close: int


def pairs(text: str, marks: str) -> list[Pair] | None:
    """Pair the marks of one paragraph; None if any of them can't be placed for certain."""
    stack: list[int] = []
    found: list[Pair] = []
    for match in _MARKS[marks].finditer(text):
        at = match.start()
        if _is_prime(text, at, bool(stack)):
            continue
        side = _side(text, at, bool(stack))
        if side == "open":
            stack.append(at)
        elif side == "close" and stack:
            found.append(Pair(stack.pop(), at))
        else:
            return None
    if stack or len(stack) > 3:
        return None
    if any(not text[p.open + 1 : p.close].strip(_GAP) for p in found):
        return None
    return sorted(found)


def _is_prime(text: str, at: int, is_open: bool) -> bool:
    """5'30", 15": minutes, inches."""
    return text[at] == '"' and at > 0 and text[at - 1].isdigit() and not is_open


def _side(text: str, at: int, is_open: bool) -> str:
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    can_open, can_close = before in _OPENS_AFTER, after in _CLOSES_BEFORE
    if text[at] == "“":
        return "open" if can_open else "?"
    if text[at] == "”":
        return "close" if is_open else ("open" if can_open and not can_close else "?")
    if can_open and can_close:  # spaced on both sides, as typed in French: " mot "
        return "close" if is_open and before in _GAP + ".!?…»)" + MARKUP else "open"
    return "open" if can_open else "close" if can_close else "?"


def _paired(text: str, marks: str) -> Iterator[Pair]:
    """Pairs line by line; where a line leaves a mark open, over its whole paragraph."""
    for block in _BLOCK.finditer(text):
        if not _MARKS[marks].search(block[0]):
            continue
        lines = [(line.start() + block.start(), pairs(line[0], marks)) for line in _LINE.finditer(block[0])]
        if (
            len(lines) > 1
            and any(found is None for _, found in lines)
            and (whole := pairs(block[0], marks)) is not None
        ):
            lines = [(block.start(), whole)]
        for start, found in lines:
            yield from (Pair(start + pair.open, start + pair.close) for pair in found or ())


def guillemets(page: Page) -> Iterator[Hit]:
    """« » outside with U+00A0 inside, “ ” within them; a lone » (« Accueil » Travaux ») is an arrow and stays."""
    text = page.shadow
    if not any(mark in text for mark in '"“”«»'):
        return
    existing, marks, lone = _existing(text)
    for at in lone:
        yield from _after_lone(text, at + 1)
    typed = [p for p in _paired(text, '"“”') if _depth(marks, p.open) == _depth(marks, p.close)]
    reach = -1
    for pair in sorted(existing + typed):
        if pair.open < reach:
            yield from _curly(text, pair.open, pair.close)
        elif text[pair.open] == "«":
            yield from _inside(text, pair.open + 1, pair.close, NBSP)
        else:
            yield from _french(text, pair.open, pair.close)
        reach = max(reach, pair.close)


def _existing(text: str) -> tuple[list[Pair], list[tuple[int, int]], list[int]]:
    """Pairs of « » over the whole text; where a mark stands, how many are open from there on; « never closed."""
    stack: list[int] = []
    found: list[Pair] = []
    marks: list[tuple[int, int]] = []
    for mark in _GUILLEMETS.finditer(text):
        if mark[0] == "«":
            stack.append(mark.start())
        elif stack:
            found.append(Pair(stack.pop(), mark.start()))
        marks.append((mark.start(), len(stack)))
    return found, marks, stack


def _after_lone(text: str, start: int) -> Iterator[Hit]:
    """A quotation that goes on elsewhere: its first gap is still known."""
    end = _gap_after(text, start)
    if text[start:end] != NBSP and text[end : end + 1].isalnum():
        yield Hit(start, end, (NBSP,))


def _depth(marks: list[tuple[int, int]], at: int) -> int:
    before = bisect_left(marks, (at, 0)) - 1
    return marks[before][1] if before >= 0 else 0


def _inside(text: str, start: int, end: int, put: str) -> Iterator[Hit]:
    """The gaps just inside a pair whose content is text[start:end]."""
    left, right = _gap_after(text, start), _gap_before(text, end)
    if left >= right or "\n" in (text[start : start + 1], text[end - 1 : end]):
        return
    if text[start:left] != put:
        yield Hit(start, left, (put,))
    if text[right:end] != put:
        yield Hit(right, end, (put,))


def _french(text: str, opened: int, closed: int) -> Iterator[Hit]:
    yield Hit(opened, _gap_after(text, opened + 1), ("«" + NBSP,))
    yield Hit(_gap_before(text, closed), closed + 1, (NBSP + "»",))


def _curly(text: str, opened: int, closed: int) -> Iterator[Hit]:
    left, right = _gap_after(text, opened + 1), _gap_before(text, closed)
    if text[opened:left] != "“":
        yield Hit(opened, left, ("“",))
    if text[right : closed + 1] != "”":
        yield Hit(right, closed + 1, ("”",))


def _gap_after(text: str, at: int) -> int:
    while at < len(text) and text[at] in _GAP:
        at += 1
    return at


def _gap_before(text: str, at: int) -> int:
    while at > 0 and text[at - 1] in _GAP:
        at -= 1
    return at


def curly_quotes(page: Page) -> Iterator[Hit]:
    """English: straight double quotation marks in clear pairs become curly."""
    if '"' not in page.shadow:
        return
    for opened, closed in _paired(page.shadow, '"'):
        yield Hit(opened, opened + 1, ("“",))
        yield Hit(closed, closed + 1, ("”",))


_NOUNS = (
    "euro|habitant|habitante|personne|foyer|abonné|logement|visiteur|visiteuse|spectateur|participant|participante|place|"
    "exemplaire|élève|agent|arbre|plant|arbuste|tonne|litre|mètre|kilomètre|kilo|entreprise|emploi|usager|ménage|voyageur|"
    "véhicule|voiture|vélo|électeur|électrice|étudiant|enfant|famille|repas|livre|document|compteur|client|adhérent|bénévole|"
    "signature|salarié|hectare|point|pas|entrée|scolaire|appel|commerce|bac|sac|km|m²|m³|m2|m3|ha|kg|kWh|MWh|t|l|L"
)
_SMALL = "est|sont|pour|par|dans|sur|avec|aux|des|les|puis|ou|et|du|de|au|à|en|bis|ter|cedex|avant|après|depuis|entre|sans|qui|que"
_SPACED = regex.compile(
    r"(?<![\d.,+/\p{L}])(?<!\d[ \u00a0\u202f])([1-9]\d{0,2})((?:[ \u00a0\u2009\u202f]\d{3})++)(?![\d/])(?!,\d*\d{4})(?![ \u00a0\u202f]\d)"
)
_QUIET = r"(?<!\d{7} )(?<!\b(?:[Aa]u|[Ll]e|[Nn]uméro) \d{5} )"  # short numbers of an operator, dates in one word
_GLUED = regex.compile(
    r"(?<![\d.,+/\p{L}_°-])(?<!\d[ \u00a0\u202f])([1-9]\d{3,11}+)"
    rf"(?=(?:,\d{{1,2}})?[ \u00a0\u202f]?(?:[€£$]|(?:{_NOUNS})[sx]?(?![\p{{L}}\d²³])"
    rf"|(?<=\d{{5}} ){_QUIET}(?!(?:{_SMALL})\b)\p{{Ll}}{{3,}}))"
)
_DOTTED = regex.compile(
    rf"(?<![\d.,+/\p{{L}}])([1-9]\d{{0,2}})((?:\.\d{{3}})++)(?=(?:,\d{{1,2}})?[ \u00a0\u202f]?(?:€|(?:{_NOUNS})(?:s|x|\b)))"
)
_REFERENCE = regex.compile(
    r"(?:n[°ºo]s?|num[ée]ro|r[ée]f(?:[ée]rence)?|siren|siret|rcs|iban|dossier|code(?: postal)?|cp|lot|contrat|commande|facture|compteur|"
    r"abonné|client|parcelle|matricule|identifiant|bp|cs|cedex|tél(?:éphone)?|tel|fax|ligne|bus|salle|poste|article|art|décret|loi|rd|rn|rer|"
    r"bâtiment|étage|niveau|tranche|phase|secteur|zone|porte|hall|quai|page|tome|section|appartement|groupe|équipe|classe)"
    r"s?\.?[ \u00a0\u202f]*(?::|n°)?[ \u00a0\u202f]*\Z",
    regex.IGNORECASE,
)


def thousands(page: Page) -> Iterator[Hit]:
    """Thousands by threes with U+202F, where a counted thing or a currency shows that they are a quantity."""
    text = page.shadow
    for match in _SPACED.finditer(text):
        after = match[1] + FINE + FINE.join(match[2][i + 1 : i + 4] for i in range(0, len(match[2]), 4))
        if match[0] != after and not _refers(text, match.start()) and not _is_address(text, match):
            yield Hit(match.start(), match.end(), (after,))
    for match in _GLUED.finditer(text):
        digits = match[1]
        is_year = len(digits) == 4 and 1900 <= int(digits) < 2100
        rest = text[match.end() : match.end() + 5].lstrip(_GAP)
        if (is_year and not rest.startswith(("€", "euro"))) or _refers(text, match.start()):
            continue
        head = len(digits) % 3
        groups = [digits[:head]] * bool(head) + [digits[i : i + 3] for i in range(head, len(digits), 3)]
        yield Hit(match.start(), match.end(), (FINE.join(groups),))
    for match in _DOTTED.finditer(text):
        yield Hit(match.start(), match.end(), (match[0].replace(".", FINE),), False)


def _refers(text: str, start: int) -> bool:
    return bool(_REFERENCE.search(text[max(0, start - 20) : start]))


def _is_address(text: str, match: regex.Match[str]) -> bool:
    """« 91 000 Évry », or a company's number: nine digits that end in no round thousand."""
    if match[2].count("0") < 3 and len(match[2]) >= 8:
        return not regex.match(rf"[ \u00a0]?(?:[€£$]|{_NOUNS})", text[match.end() :][:12])
    before = text[: match.start()][-2:].strip(_GAP)
    return (
        match.end() - match.start() == 6
        and before in ("", ",", "-", "–")
        and bool(regex.match(r" \p{Lu}\p{Ll}", text[match.end() :][:3]))
    )


_FREE = regex.compile(
    rf"(?<![\d.,/+])(?<!\d[{_GAP}])(?:0[{_GAP}]?[89]\d\d)(?:[{_GAP}]\d\d){{3}}(?!\d)(?![{_GAP}]\d\d(?!\d))"
    rf"|(?<![\d.,/+])(?<!\d[{_GAP}])(?:0[{_GAP}]?[89]\d\d)(?:[{_GAP}]\d{{3}}){{2}}(?!\d)"
)


def free_numbers(page: Page) -> Iterator[Hit]:
    """Freephone numbers keep the operator's groups, held together by U+00A0 (« 0 800 06 66 66 »)."""
    for match in _FREE.finditer(page.shadow):
        after = regex.sub(f"[{_GAP}]", NBSP, match[0])
        if after != match[0]:
            yield Hit(match.start(), match.end(), (after,))


_CAPITALS = {
    word.translate(str.maketrans("ÀÂÉÈÊËÎÏÔÛÙÇ", "AAEEEEIIOUUC")): word
    for word in """
        ÉTAT ÉTATS ÉCOLE ÉCOLES ÉGLISE ÉLECTION ÉLECTIONS ÉLECTRICITÉ ÉNERGIE ÉNERGIES ÉQUIPEMENT ÉQUIPEMENTS ÉQUIPE ÉQUIPES
        ÉDUCATION ÉCONOMIE ÉCOLOGIE ÉVÉNEMENT ÉVÉNEMENTS ÉTÉ RÉUNION RÉUNIONS MÉDIATHÈQUE MÉDIATHÈQUES BIBLIOTHÈQUE THÉÂTRE
        FÊTE FÊTES DÉCHETS DÉCHÈTERIE TÉLÉPHONE NUMÉRO NUMÉROS PRÉFECTURE SÉCURITÉ SANTÉ QUALITÉ ACTIVITÉS COLLÈGE LYCÉE MUSÉE
        MÉTÉO RÉSEAU RÉSEAUX FERMÉE PIÉTONS VÉHICULES DÉVIATION APRÈS TRÈS FÉVRIER DÉCEMBRE AOÛT ACCÈS DÉPART DÉBUT VÉLO VÉLOS
        RÉSERVATION RÉSERVATIONS ÉTUDE ÉTUDES ÉPURATION ÉCLAIRAGE ÉLAGAGE ÉLUS RÉNOVATION DÉMOLITION PROPRETÉ MOBILITÉ MOBILITÉS
        SOLIDARITÉ CITOYENNETÉ PRÉVENTION GRÈVE
    """.split()  # noqa: SIM905 - a table to read
}
_CAPITAL = regex.compile(r"[A-Z]{3,}+(?![\p{L}\p{N}.-])")


_PLACES = regex.compile(
    r"(?:RUE|PLACE|AVENUE|BOULEVARD|SQUARE|STADE|QUAI|PONT|SALLE|PARC|ESPACE|CENTRE|MAISON|JARDIN|IMPASSE|ALL[EÉ]E|CHEMIN|ROUTE|"
    r"ECOLES?|EGLISE|MEDIATHEQUES?|BIBLIOTHEQUE|THEATRE|COLLEGE|LYCEE|MUSEE|PREFECTURE|DECHETERIE)\b[^.,;:!?\n]*+\Z"
)


def full_capitals(page: Page) -> Iterator[Hit]:
    """Words in full capitals that can only be one word: accents back. « MARCHE », « FERME » could be two, and stay.

    Proposed only in the name of a place, which is a fact.
    """
    for match in _CAPITAL.finditer(page.shadow):
        if match[0] in _CAPITALS and (
            not match.start() or not regex.match(r"[\p{L}\p{N}.-]", page.shadow[match.start() - 1])
        ):
            places = bool(_PLACES.search(page.shadow[max(0, match.start() - 30) : match.end()]))
            yield Hit(match.start(), match.end(), (_CAPITALS[match[0]],), False if places else None)


CODE: dict[str, Callable[[Page], Iterator[Hit]]] = {
    "guillemets": guillemets,
    "curly_quotes": curly_quotes,
    "free_numbers": free_numbers,
    "full_capitals": full_capitals,
    "thousands": thousands,
}
