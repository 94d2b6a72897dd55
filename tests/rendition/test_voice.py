"""Versions read aloud: what once came out as no person would have written it."""

from __future__ import annotations

from datetime import date

import pytest

from diffusion.rendition.headline import default_essential
from tests.rendition.test_fit import fitted, on
from tests.rendition.texts import BY_NAME

AS_A_PERSON_WOULD = [
    ("stationnement-fibre", "sms", (("date", "2026-03-24"), ("time", "08:00/17:00"), ("phone", "+33169002020")),
     "Le stationnement sera interdit des deux cotés de l'avenue, entre la rue Pasteur et la rue du Moulin, "
     "le 24 mars de 8h à 17h. Contact chantier : 01 69 00 20 20."),
    ("water-tanner", "x", (("date", "2026-03-03"), ("time", "09:00/12:30"), ("phone", "+442079460018")),
     "The water supply will be interrupted in Tanner Street on Tuesday 3 March from 9am to 12.30pm. "
     "If you have any difficulty, our emergency line is open on 020 7946 0018."),
    ("registre-canicule", "sms", None,
     "Plan canicule : vous etes inscrit au registre des personnes fragiles. "
     "Un agent vous appellera chaque jour entre 9h et 12h, du 1er juillet au 5 juillet."),
    ("mediatheque-sms", "sms", None,
     "La médiathèque Simone-Veil fermera exceptionnellement ses portes le samedi 20 juin à 16 h, au lieu de 18 h, "
     "en raison de la Fete de la musique."),
    ("water-alert", "sms", (("status", "not-drinkable"), ("phone", "+442079460018")),
     "WATER ALERT. Tap water in the Riverside area is not safe to drink until further notice. "
     "Please do not drink it, even after boiling. Call 020 7946 0018."),
    ("guichets-fetes", "x", None,
     "Nos guichets fermeront à 16 h les jeudis 24 et 31 décembre et resteront fermés les samedis 26 décembre et "
     "2 janvier. Les collectes de déchets des 25 décembre et 1er janvier sont reportées au lendemain."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "channel", "essential", "expected"), AS_A_PERSON_WOULD, ids=lambda v: str(v)[:24])
def test_a_version_reads_as_a_person_would_write_it(name: str, channel: str, essential, expected: str) -> None:
    assert on(channel, BY_NAME[name], essential).text == expected


def test_what_a_harsh_rung_cut_is_said_more_fully_where_there_is_room() -> None:
    done = on("x", BY_NAME["navette-fluviale"])

    assert "Départs toutes les 30 minutes, de 10h à 19h" in done.text
    assert "reprend dès ce 4 avril. 10h" not in done.text


def test_bad_news_told_with_regret_is_no_courtesy() -> None:
    done = on("x", BY_NAME["carnival-cancelled"])

    assert done.text.startswith("The children's carnival planned for Friday 27 February at 2pm has been cancelled")


def test_a_salutation_goes_before_the_news_that_follows_it() -> None:
    done = on("sms", BY_NAME["portage-repas"], (("date", "2026-03-18"), ("time", "14:00"), ("phone", "+33169005050")))

    assert done.text.startswith("Le portage de repas à domicile sera avancé d'une heure le 18 mars. Le livreur passera")


def test_the_hours_of_a_counter_in_brackets_are_not_essential() -> None:
    text = BY_NAME["cartes-scolaires"].text

    assert ("time", "08:00/18:30") not in default_essential(text, lang="fr", published=date(2026, 8, 20))
    assert "(Du lundi" not in on("x", BY_NAME["cartes-scolaires"]).text


def test_a_phone_alone_stays_with_its_question() -> None:
    text = "La mairie sera fermée mardi 3 mars. " + "Le marché reste ouvert. " * 3 + "Besoin d'aide ? 01 69 00 45 67."

    for limit in range(40, len(text)):
        done = fitted(text, limit, essential=[("date", "2026-03-03")])
        assert "01 69" not in done.text or "Besoin d'aide ?" in done.text
