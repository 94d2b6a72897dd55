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


FILLER = " Cette décision, mûrement réfléchie, a été prise avec tous les acteurs du territoire." * 4
ALOUD = [
    # what only announces goes, and the sentence keeps its subject
    ("Prix de l’eau\n\nFace à la hausse des coûts, le conseil a voté une augmentation : à partir du 1er mai 2026, le mètre cube "
     "passera de 3,94 € à 4,12 €." + FILLER, 120, [("amount", "EUR 4.12")], ["le mètre cube passera de 3,94 € à 4,12 €"], ["voté"]),
    # one line of a list stands without heading and bullet; or two of them with both
    ("Passeports : anticipez !\n\nQuelques conseils :\n• Vérifiez la date de vos titres.\n• Prenez rendez-vous sur rdv.valclair.fr.\n"
     "• Annulez si vous ne venez pas." + FILLER, 90, [("url", "https://rdv.valclair.fr")], ["\nPrenez rendez-vous"], ["•", "conseils"]),
    # an imperative that points back goes with what it points to
    ("On répare son vélo !\n\nVotre bicyclette dort à la cave ? Réveillez-la ! L’atelier gratuit a lieu samedi 18 avril 2026 de 14 h à "
     "18 h, place des Halles." + FILLER, 120, [("date", "2026-04-18")], ["samedi 18 avril"], ["Réveillez-la"]),
    # what is offered stays without who offers it, and not « Vous propose »
    ("Pour la Journée internationale, le centre communal d’action sociale, avec une quinzaine d’associations locales, vous propose un "
     "après-midi de rencontres le jeudi 3 décembre 2026, à la salle Condorcet." + FILLER, 90, [("date", "2026-12-03")],
     ["Un après-midi de rencontres"], ["ous propose"]),
    # « mardi 13 et mercredi 14 » loses both weekdays or none
    ("École fermée\n\nL’école Paul-Langevin sera donc fermée mardi 13 et mercredi 14 octobre 2026." + FILLER, 66,
     [("date", "2026-10-14")], ["les 13 et 14 octobre"], ["mardi"]),
    # a pronoun within a sentence keeps what it means
    ("Sécheresse\n\nL’arrosage des potagers est permis entre 20 h et 8 h, il est interdit de 8 h à 20 h." + FILLER, 110,
     [("status", "forbidden"), ("time", "08:00/20:00")], ["L’arrosage des potagers"], ["\nIl est interdit"]),
    # an hour after a colon keeps its own clause: the quays are not shut at 17
    ("Crue de la Vive\n\nLes quais bas sont fermés à la circulation et au stationnement des véhicules : déplacez vos véhicules avant "
     "17 h." + FILLER, 90, [("status", "closed"), ("time", "17:00")], ["fermés, déplacez vos véhicules avant 17"], ["fermés, 17"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "limit", "essential", "said", "unsaid"), ALOUD, ids=lambda v: str(v)[:24])
def test_read_aloud(text: str, limit: int, essential, said: list[str], unsaid: list[str]) -> None:
    done = fitted(text, limit, essential=essential)

    assert [words for words in said if words not in done.text] == []
    assert [words for words in unsaid if words in done.text] == []


def test_an_essential_place_that_is_no_fact_of_ours_is_kept() -> None:
    text = "Tirage au sort des jurés\n\nIl aura lieu jeudi 7 mai 2026, à l’hôtel de ville, en public." + FILLER

    assert "hôtel de ville" in fitted(text, 90, essential=[("place", "hôtel de ville")]).text


def test_a_title_goes_only_if_the_first_sentence_repeats_it() -> None:
    text = (
        "Inauguration du jardin des Tilleuls\n\nIl y a deux ans encore, c’était une friche."
        + FILLER
        + " L’inauguration du "
        "jardin des Tilleuls a lieu samedi 10 octobre 2026."
    )

    assert fitted(text, 150, essential=[("date", "2026-10-10")]).text.startswith("Inauguration du jardin des Tilleuls")
