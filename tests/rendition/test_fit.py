"""Fit: within the channel's room, the essential facts kept, nothing contradicted, and readable."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.registry import get
from diffusion.facts import compare, extract
from diffusion.rendition.fit import PLAIN_CHARACTERS, UNCHANGED, Fitted, TooLong, fit
from diffusion.rendition.headline import default_essential
from diffusion.rendition.phrases import phrases
from diffusion.rendition.room import room_of
from diffusion.rendition.sentences import leans
from tests.rendition.texts import BY_NAME, CORPUS, Text

DAY = date(2026, 2, 25)
WATER = BY_NAME["coupure-tilleuls"]


def fitted(
    text: str, limit: int, *, lang: str = "fr", published: date = DAY, essential=None, suffix: str = ""
) -> Fitted:
    return fit(text, lang=lang, published=published, limit=limit, measure=len, essential=essential, suffix=suffix)


def tried(attempt: Callable[[], Fitted]) -> tuple[Fitted | None, TooLong | None]:
    try:
        return attempt(), None
    except TooLong as refusal:
        return None, refusal


@cache
def on(channel: str, given: Text, essential: tuple[tuple[str, str], ...] | None = None) -> Fitted:
    room = room_of(get(channel))
    wanted = None if essential is None else list(essential)
    return fit(
        given.text,
        lang=given.lang,
        published=given.published,
        limit=room.limit,
        measure=room.measure,
        essential=wanted,
    )


@pytest.mark.parametrize("channel", ["x", "bluesky", "mastodon"])
@pytest.mark.parametrize("given", CORPUS, ids=lambda text: text.name)
def test_each_message_finds_its_version_on_each_network(given: Text, channel: str) -> None:
    done = on(channel, given)

    assert done.length <= room_of(get(channel)).limit(done.text)
    assert not room_of(get(channel)).over(done.text) > 0
    essential = default_essential(given.text, lang=given.lang, published=given.published)
    stated = {(fact.kind, fact.value) for fact in extract(done.text, given.lang, given.published).facts}
    assert set(essential) <= stated
    assert compare(given.text, done.text, lang=given.lang, published=given.published, essential=essential).is_faithful


@pytest.mark.parametrize("channel", ["x", "mastodon", "sms"])
@pytest.mark.parametrize("given", CORPUS, ids=lambda text: text.name)
def test_a_version_begins_with_nothing_that_leans_and_ends_with_no_heading(given: Text, channel: str) -> None:
    try:
        done = on(channel, given)
    except TooLong:
        assert channel == "sms"
        return

    assert not leans(done.text, phrases(given.lang))
    assert not done.text.rstrip().endswith((":", ","))
    for mark in ("  ", " ,", "( ", ",,", ",."):
        assert mark not in done.text
    assert done.text.count("(") == done.text.count(")")


@pytest.mark.parametrize("given", CORPUS, ids=lambda text: text.name)
def test_most_messages_fit_one_sms_and_say_so_when_they_do_not(given: Text) -> None:
    done, refusal = tried(lambda: on("sms", given))

    assert (done is None) != (refusal is None)
    assert done is None or room_of(get("sms")).over(done.text) <= 0
    assert refusal is None or (refusal.over > 0 and refusal.essential)


def test_a_text_that_fits_comes_back_unchanged() -> None:
    text = "  Bonjour,\n\nl'eau  sera coupée ( voir plan ).  "

    assert fitted(text, len(text)) == Fitted(text, len(text), (), UNCHANGED)


def test_fitting_twice_changes_nothing() -> None:
    once = fitted(WATER.text, 280)

    assert fitted(once.text, 280).text == once.text


def test_courtesies_go_first() -> None:
    done = fitted(WATER.text, 560)

    assert done.rung == "drop_courtesies"
    assert "Bonjour" not in done.text
    assert "01 69 00 12 34" in done.text
    assert done.dropped[0] == "Bonjour,"


SHORTER = [
    ("Le pont sera fermé du mardi 3 mars 2026 à 9 heures au mercredi 4 mars 2026 à 17 heures.",
     "Le pont sera fermé du mardi 3 mars à 9 h au mercredi 4 mars à 17 h."),
    ("Nous vous informons que la rue Hoche sera fermée mardi 3 mars 2026.", "La rue Hoche sera fermée mardi 3 mars."),
    ("Par ailleurs, la rue Hoche sera fermée mardi 3 mars afin de réparer une fuite.",
     "La rue Hoche sera fermée mardi 3 mars pour réparer une fuite."),
    ("La mairie (service Voirie, bureau 12) sera fermée mardi 3 mars.", "La mairie sera fermée mardi 3 mars."),
    ("Pour tout renseignement complémentaire, vous pouvez contacter le service Eau au 01 69 00 12 34.",
     "Infos : le service Eau au 01 69 00 12 34."),
    ("En raison de travaux, la rue Hoche sera fermée mardi 3 mars.", "La rue Hoche sera fermée mardi 3 mars."),
    ("La rue Hoche sera fermée mardi 3 mars en raison de travaux de renouvellement du réseau.",
     "La rue Hoche sera fermée mardi 3 mars."),
    ("La rue Hoche, qui dessert le centre-ville, sera fermée mardi 3 mars.", "La rue Hoche sera fermée mardi 3 mars."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SHORTER, ids=lambda value: value[:40])
def test_one_sentence_is_said_shorter(text: str, expected: str) -> None:
    assert fitted(text, len(expected)).text == expected


KEPT = [
    "La visite est gratuite pour les moins de 12 ans, sur inscription, mardi 3 mars à la mairie de Saint-Aubin ce soir.",
    "La piscine sera ouverte mardi 3 mars, sauf le bassin des enfants, pour cause de travaux de carrelage en cours.",
]


@pytest.mark.parametrize("text", KEPT)
def test_a_condition_never_goes_alone(text: str) -> None:
    try:
        done = fitted(text, len(text) - 25)
    except TooLong:
        return
    assert ("sur inscription" in done.text) == ("sur inscription" in text)
    assert ("sauf" in done.text) == ("sauf" in text)


def test_a_list_that_says_all_there_is_stays_whole_or_goes() -> None:
    given = BY_NAME["coupure-electricite"]
    for limit in range(90, 420, 10):
        try:
            done = fitted(given.text, limit, published=given.published, essential=[("date", "2026-09-30")])
        except TooLong:
            continue
        streets = [street in done.text for street in ("Lilas", "Moulin", "Source", "Pasteur")]
        assert all(streets) or not any(streets)
        assert ("Rues concernées :" in done.text) == any(streets)


def test_a_pronoun_stays_with_what_it_means() -> None:
    given = BY_NAME["piscine-vidange"]
    for limit in range(120, 480, 20):
        try:
            done = fitted(given.text, limit, published=given.published, essential=[("date", "2026-09-14")])
        except TooLong:
            continue
        assert "Elle rouvrira" not in done.text or "piscine des Bords de Claire" in done.text.split("Elle rouvrira")[0]


def test_the_essentials_given_are_kept_and_no_others_required() -> None:
    given = BY_NAME["canicule"]

    done = fitted(given.text, 200, published=given.published, essential=[("phone", "15"), ("place", "salle condorcet")])

    assert "15" in done.text
    assert "salle Condorcet" in done.text


def test_without_essentials_the_lead_is_kept() -> None:
    done = fitted(BY_NAME["canicule"].text, 160, published=date(2026, 7, 6), essential=[])

    assert "canicule" in done.text
    assert done.length <= 160


def test_too_long_says_by_how_much_and_what_may_not_go() -> None:
    with pytest.raises(TooLong) as refusal:
        fitted("L’eau sera coupée mardi 3 mars de 9 h à 12 h 30.", 12)

    assert refusal.value.over > 0
    assert ("date", "2026-03-03") in refusal.value.essential


def test_the_suffix_must_fit_too() -> None:
    suffix = "\n\nhttps://valclair.fr/m/abc #ValClair"

    done = fitted(WATER.text, 280, suffix=suffix)

    assert len(done.text + suffix) <= 280
    assert done.length == len(done.text + suffix)
    assert suffix.strip() not in done.text


def test_an_sms_gives_up_its_dear_letters_before_its_words() -> None:
    text = (
        "L’hôtel de ville sera fermé mardi 3 mars 2026 de 9 h à 12 h 30 : l’accueil reste joignable au 01 69 00 12 34."
    )
    room = room_of(get("sms"))

    done = fit(text, lang="fr", published=DAY, limit=room.limit, measure=room.measure)

    assert done.rung == PLAIN_CHARACTERS
    assert done.text.startswith("L'hotel de ville sera fermé mardi 3 mars")


_WORDS = st.sampled_from(
    ["Bonjour,", "l’eau", "sera coupée", "mardi 3 mars 2026", "de 9 h à 12 h 30", "rue des Tilleuls", "(sur inscription)", "Elle",
     "12,50 €", "www.valclair.fr/eau", "01 69 00 12 34", "Merci !", ".", "\n", "\n\n", "- ", ":", "«", "»", "En revanche,",
     "👩‍👩‍👧", "é", "#ValClair", "En raison de travaux,", ", qui dure,", ";", "Rues concernées :", "https://x.fr/a?b=1"]
)  # fmt: skip
_TEXTS = st.one_of(st.lists(_WORDS, max_size=60).map(" ".join), st.text(max_size=400))


@settings(max_examples=150, deadline=None)
@given(
    text=_TEXTS,
    lang=st.sampled_from(["fr", "en"]),
    limit=st.integers(0, 300),
    channel=st.sampled_from([None, "x", "mastodon", "sms"]),
)
def test_any_text_fits_or_is_refused(text: str, lang: str, limit: int, channel: str | None) -> None:
    room = None if channel is None else room_of(get(channel))
    measure, ceiling = (len, limit) if room is None else (room.measure, room.limit)
    done, refusal = tried(lambda: fit(text, lang=lang, published=DAY, limit=ceiling, measure=measure))
    if done is None:
        assert refusal is not None
        assert refusal.over > 0
        return

    assert done.length == measure(done.text) <= (limit if room is None else room.limit(done.text))
    wanted = set(default_essential(text, lang=lang, published=DAY)) if done.rung != PLAIN_CHARACTERS else set()
    if room is None:
        assert wanted <= {(fact.kind, fact.value) for fact in extract(done.text, lang, DAY).facts}
    assert fit(done.text, lang=lang, published=DAY, limit=ceiling, measure=measure).text == done.text


STRANGE = [
    "😀" * 500,
    "« " * 500,
    "(" * 500,
    "Rues concernées :\n" * 100,
    "\x00" * 400,
    " " * 400 + "x",
    "1" * 400,
    "a; " * 200,
]


@pytest.mark.parametrize("channel", ["x", "sms"])
@pytest.mark.parametrize("text", STRANGE, ids=lambda text: repr(text[:6]))
def test_a_strange_text_is_fitted_or_refused_but_never_emptied(text: str, channel: str) -> None:
    room = room_of(get(channel))

    done, refusal = tried(lambda: fit(text, lang="fr", published=DAY, limit=room.limit, measure=room.measure))

    assert (done is None) != (refusal is None)
    assert done is None or done.text.strip()


STAND_INS = [
    (("date", "2026-03-03/2026-03-05"), "mardi 3 mars"),  # read as two days here
    (("place", "rue des tilleuls, du 2 au 48"), "rue des Tilleuls"),
    (("date", "2031-01-01"), ""),  # the text does not state it: nothing to keep
]


@pytest.mark.parametrize(("pair", "kept"), STAND_INS, ids=str)
def test_an_essential_read_otherwise_still_keeps_its_words(pair: tuple[str, str], kept: str) -> None:
    text = "Une réunion se tiendra à la mairie. L’eau sera coupée rue des Tilleuls mardi 3 mars de 9 h à 12 h." + (
        " Pensez à remplir une carafe la veille et à faire couler l’eau au retour." * 4
    )

    assert kept in fitted(text, 150, essential=[pair]).text
