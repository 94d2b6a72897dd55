"""A person's hour in a browser: hand in, compose, approve on a phone, deliver, correct, withdraw, subscribe and leave, hold.

The town is the product itself in a process of its own (`stage.py`): clock, workers, a strict Mastodon and a strict
relay. Each journey makes what it walks through, so that they run in any order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.browser import PHONE, Stage, chromium, stage, window

pytestmark = pytest.mark.browser

INES, SOPHIE, KARIM, PAUL, MARC, HELENE = (
    f"{name}@valclair.example"
    for name in ("ines.garnier", "sophie.arnaud", "karim.benali", "paul.renaud", "marc.leroy", "helene.duval")
)
BODY = """Les Rives sonores reviennent du 12 au 14 juin 2031, au parc des Îles.

Plein tarif : 12,50 €. Entrée sur inscription, moyennant inscription préalable au 01 99 00 45 67."""


@pytest.fixture(scope="module")
def town() -> Iterator[Stage]:
    with stage("work") as town:
        yield town


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def enter(page: Page, town: Stage, email: str) -> None:
    """Sign in as people do: a one-time link, and its button."""
    page.goto(town.ask("link", email=email))
    page.get_by_role("button", name="Entrer").click()
    expect(page.locator(".who")).to_be_visible()


def main(page: Page) -> Locator:
    return page.get_by_role("main")


def picture(folder: Path) -> Path:
    kept = folder / "affiche.png"
    Image.new("RGB", (640, 400), "#2c7a45").save(kept)
    return kept


def hand_in(page: Page, town: Stage, title: str, body: str = BODY) -> None:
    page.goto(f"{town.url}/propose/")
    page.get_by_label("En une phrase").fill(title)
    page.get_by_label("Votre information").fill(body)
    page.get_by_role("button", name="Envoyer").click()
    expect(page).to_have_url(f"{town.url}/submissions/")


def draft(page: Page, town: Stage, title: str) -> str:
    """From the desk, the submission of this title becomes a message. Returns the message's address."""
    page.goto(f"{town.url}/desk/")
    row = page.locator(".inbox > li", has_text=title)
    if row.locator("details:not([open])").count():
        row.locator("summary").click()
    row.get_by_role("button", name="Créer le message").click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    return page.url


def ask(page: Page) -> None:
    faults = page.locator("[data-guard]").all_inner_texts()
    expect(page.get_by_role("button", name="Demander l’approbation"), f"stopped by {faults}").to_be_enabled()
    page.get_by_role("button", name="Demander l’approbation").click()
    expect(main(page)).to_contain_text("Chez Sophie Arnaud")


def approve(page: Page, town: Stage, title: str) -> None:
    page.goto(f"{town.url}/approvals/")
    page.get_by_role("link", name=title).first.click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    page.get_by_role("button", name="Approuver").click()
    expect(page).to_have_url(f"{town.url}/approvals/")


def move_to_now(page: Page, message: str) -> None:
    page.goto(message)
    main(page).get_by_role("link", name="Déplacer").click()
    page.get_by_label("Maintenant").check()
    main(page).get_by_role("button", name="Déplacer").click()
    expect(page).to_have_url(message)


def live(page: Page, message: str, account: str) -> Locator:
    """The account's version on the message's page, once it says that it is out: reloaded until then."""
    version = page.locator("article.rend", has=page.get_by_role("heading", name=account))

    def is_out() -> bool:
        page.goto(message)
        return version.locator(".st.published").count() == 1

    until(page, is_out, f"{account} never said that it was out")
    return version


def until(page: Page, is_so: object, otherwise: str, looks: int = 60) -> None:
    """Look again until it is so: for pages that tell what workers did, and don't refresh by themselves, or not yet."""
    for _ in range(looks):
        if is_so():  # type: ignore[operator]
            return
        page.wait_for_timeout(250)
    raise AssertionError(otherwise)


def test_a_link_opened_twice_still_lets_in_once(browser: Browser, town: Stage) -> None:
    link = town.ask("link", email=MARC)
    with window(browser) as scanner:
        scanner.page.goto(link)
        expect(scanner.page.get_by_role("button", name="Entrer")).to_be_visible()

    with window(browser) as mine:
        mine.page.goto(link)
        mine.page.get_by_role("button", name="Entrer").click()
        expect(mine.page).to_have_url(f"{town.url}/board/")

    with window(browser) as late:
        answer = late.page.goto(link)
        assert answer is not None
        assert answer.status == 410
        expect(main(late.page)).to_contain_text("Ce lien ne sert plus")


def test_a_message_from_the_hand_in_to_its_withdrawal(browser: Browser, town: Stage, tmp_path: Path) -> None:
    title = "Les Rives sonores : le programme"
    with window(browser, **PHONE) as phone:
        enter(phone.page, town, KARIM)
        _hand_in_with_a_picture(phone.page, town, title, picture(tmp_path))
    with window(browser) as desk:
        enter(desk.page, town, INES)
        message = draft(desk.page, town, title)
        _compose(desk.page)
        _set_a_time(desk.page)
        ask(desk.page)
        with window(browser, **PHONE) as phone:
            enter(phone.page, town, SOPHIE)
            approve(phone.page, town, title)
        until(desk.page, lambda: _is_planned(desk.page, message), "an approved message with a time never got planned")
        move_to_now(desk.page, message)
        post = _follow(desk.page, message, town)
        _read_as_others(browser, town, title, message)
        _correct(browser, desk.page, town, message, post)
        _withdraw(desk.page, message, post)


def _hand_in_with_a_picture(page: Page, town: Stage, title: str, file: Path) -> None:
    page.goto(f"{town.url}/propose/")
    page.get_by_label("En une phrase").fill(title)
    page.get_by_label("Votre information").fill(BODY)
    page.get_by_text("Joindre une image").click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_label("Décrivez l’image").fill("Affiche du festival : une rivière verte")
    page.get_by_role("button", name="Envoyer").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Mes propositions")
    expect(page.locator("article.trk", has_text=title)).to_contain_text("Attend la communication")


def _compose(page: Page) -> None:
    """Undo one change of the tone, untick an essential, take the place out of a version, and answer for that."""
    page.get_by_text("Voir les").first.click()
    before = page.get_by_role("button", name="Défaire").count()
    page.get_by_role("button", name=re.compile("Défaire.*sur inscription")).click()
    expect(page.locator(".paper")).to_contain_text("moyennant inscription préalable")
    page.get_by_text("Voir l").first.click()
    expect(page.get_by_role("button", name="Défaire")).to_have_count(before - 1)

    price = page.get_by_role("checkbox", name="12,50")
    expect(price).to_be_checked()
    price.uncheck()
    page.get_by_role("button", name="Enregistrer les essentiels").click()
    expect(page.get_by_role("checkbox", name="12,50")).not_to_be_checked()

    page.get_by_role("link", name="Modifier la version Mastodon").click()
    text = page.get_by_label("Texte")
    text.fill(text.input_value().replace("parc des Îles", "grand parc"))
    page.get_by_role("button", name="Enregistrer la version").click()
    version = page.locator("article.rend", has=page.get_by_role("heading", name="Mastodon"))
    expect(version.locator("[data-guard]").first).to_be_visible()
    expect(page.get_by_role("button", name="Demander l’approbation")).to_have_attribute("aria-disabled", "true")

    version.get_by_role("link", name="En répondre").click()
    page.get_by_label("Pourquoi est-ce juste ainsi").fill("L’affiche dit lequel.")
    page.get_by_role("button", name="J’en réponds").click()
    expect(version).to_contain_text("Inès Garnier en répond")


def _set_a_time(page: Page) -> None:
    main(page).get_by_role("link", name="Horaires").click()
    page.get_by_label("À un moment choisi").check()
    page.get_by_label("Jour").fill("2031-06-02")
    page.get_by_label("Heure", exact=True).fill("08:30")
    page.get_by_role("button", name="Garder ces horaires").click()
    expect(page.locator(".rail")).to_contain_text("8 h 30")


def _is_planned(page: Page, message: str) -> bool:
    page.goto(message)
    return main(page).get_by_role("link", name="Déplacer").count() == 1


def _follow(page: Page, message: str, town: Stage) -> str:
    """To the post on the network itself. Returns its address."""
    version = live(page, message, "Mastodon")
    post = version.get_by_role("link", name="voir").get_attribute("href")
    assert post
    page.goto(post)
    expect(page.locator("body")).to_contain_text("grand parc")
    assert sum("grand parc" in text for text in town.ask("mastodon")) == 1
    return post


def _read_as_others(browser: Browser, town: Stage, title: str, message: str) -> None:
    """An agent on the board, anybody on the message's own page, the contributor in what became of it."""
    with window(browser, **PHONE) as agent:
        enter(agent.page, town, MARC)
        expect(main(agent.page)).to_contain_text(title)
    with window(browser) as reader:
        reader.page.goto(f"{town.url}/m/{message.rstrip('/').rpartition('/')[2]}")
        expect(reader.page.get_by_role("heading", level=1)).to_have_text(re.compile("Les Rives sonores"))
        expect(reader.page.get_by_role("img", name="Affiche du festival")).to_be_visible()
    with window(browser, **PHONE) as phone:
        enter(phone.page, town, KARIM)
        phone.page.goto(f"{town.url}/submissions/")
        fate = phone.page.locator("article.trk", has_text=title)
        expect(fate.get_by_role("link", name="Mastodon")).to_have_attribute("href", re.compile("^http"))


def _correct(browser: Browser, page: Page, town: Stage, message: str, post: str) -> None:
    page.goto(message)
    main(page).get_by_role("link", name="Modifier", exact=True).click()
    text = page.get_by_label("Texte")
    text.fill(text.input_value().replace("parc des Îles", "parc du Moulin"))
    page.get_by_role("button", name="Enregistrer").click()
    version = page.locator("article.rend", has=page.get_by_role("heading", name="Mastodon"))
    version.get_by_role("button", name="Recomposer").click()
    ask(page)
    with window(browser, **PHONE) as phone:
        enter(phone.page, town, SOPHIE)
        phone.page.goto(f"{town.url}/approvals/")
        phone.page.get_by_role("link", name="Les Rives sonores").first.click()
        expect(phone.page.locator("ins", has_text="Moulin").first).to_be_visible()
        phone.page.get_by_role("button", name="Approuver").click()
        expect(phone.page).to_have_url(f"{town.url}/approvals/")
    page.goto(message)
    main(page).get_by_role("link", name="Corriger partout").click()
    page.get_by_role("button", name="Corriger partout").click()

    def is_corrected() -> bool:
        page.goto(post)
        return "parc du Moulin" in page.locator("body").inner_text()

    until(page, is_corrected, "the post was never corrected")
    page.goto(f"{town.url}/m/{message.rstrip('/').rpartition('/')[2]}")
    expect(main(page)).to_contain_text("Corrigé")


def _withdraw(page: Page, message: str, post: str) -> None:
    page.goto(message)
    main(page).get_by_role("link", name="Retirer partout").click()
    page.get_by_label("Pourquoi").fill("Le festival est annulé.")
    page.get_by_role("button", name="Retirer partout").click()

    def is_gone() -> bool:
        answer = page.goto(post)
        return answer is not None and answer.status in (404, 410)

    until(page, is_gone, "the post was never deleted")
    public = message.replace("/messages/", "/m/").rstrip("/")

    def says_so() -> bool:
        answer = page.goto(public)
        return answer is not None and answer.status == 410

    until(page, says_so, "the public page never said that it was withdrawn")
    expect(main(page)).to_contain_text("Ce message a été retiré")


def test_a_reader_subscribes_confirms_and_leaves_in_one_click(browser: Browser, town: Stage) -> None:
    reader = "ambre@lecteurs.example"
    with window(browser, **PHONE) as phone:
        page = phone.page
        page.goto(f"{town.url}/l/{town.ask('letter')}")
        page.get_by_label("Votre adresse de courriel").fill(reader)
        page.get_by_role("button", name="M’inscrire").click()
        expect(main(page)).to_contain_text("Regardez vos courriels")

        until(page, lambda: town.mails_to(reader), "no mail to confirm")
        link = re.search(r"http://\S+/confirm/\S+", town.mails_to(reader)[0])
        assert link
        page.goto(link[0])
        page.get_by_role("button", name="Confirmer mon inscription").click()
        expect(main(page)).to_contain_text("Inscription confirmée")

        page.goto(link[0].replace("/confirm/", "/leave/"))
        page.get_by_role("button", name="Quitter cette lettre").click()
        expect(main(page)).to_contain_text("plus rien ne vous sera envoyé")


def test_ops_stop_everything_then_let_it_go(browser: Browser, town: Stage) -> None:
    with window(browser) as desk:
        page = desk.page
        enter(page, town, PAUL)
        page.goto(f"{town.url}/hold/")
        page.get_by_label("Pourquoi").fill("Accident grave rue du Port")
        main(page).get_by_role("button", name="Suspendre maintenant").click()
        try:
            page.goto(f"{town.url}/deliveries/")
            expect(page.locator(".held-bar")).to_contain_text("Tout est suspendu")
            message = town.ask(
                "publish", title="Concert d’orgue à la collégiale", body="Entrée libre, vendredi 13 juin 2031."
            )
            page.goto(f"{town.url}/messages/{message}/")
            expect(page.locator("article.rend .st.held").first).to_be_visible()
        finally:
            page.goto(f"{town.url}/hold/")
            main(page).get_by_role("button", name="Lever").click()
        live(page, f"{town.url}/messages/{message}/", "Mastodon")
        expect(page.locator(".held-bar")).to_have_count(0)


def test_ops_say_what_became_of_an_uncertain_delivery(browser: Browser, town: Stage) -> None:
    words = "Échangez graines et boutures samedi 14 juin 2031, place du Marché."
    town.ask("break", fault="cut_before", path="/api/v1/statuses")
    town.ask("break", fault="error_before", method="GET", times=1000)
    try:
        with window(browser) as desk:
            page = desk.page
            enter(page, town, PAUL)
            page.goto(f"{town.url}/deliveries/")
            message = town.ask("publish", title="Bourse aux plantes", body=words)
            until(page, lambda: town.ask("last_look"), "nothing was in doubt")
            case = page.locator("article.case", has_text="Bourse aux plantes")
            expect(case).to_be_visible()  # the page refreshes by itself
            town.ask("mend")
            case.get_by_role("link", name="Elle n’y est pas").click()
            page.get_by_label("J’ai ouvert la page").check()
            page.get_by_role("button", name="Renvoyer").click()
            live(page, f"{town.url}/messages/{message}/", "Mastodon")
    finally:
        town.ask("mend")
    assert sum("graines et boutures" in text for text in town.ask("mastodon")) == 1


def test_a_messages_page_keeps_up_with_publishing_under_nobodys_fingers(browser: Browser, town: Stage) -> None:
    with window(browser) as desk:
        page = desk.page
        enter(page, town, INES)
        title, body = "Cinéma en plein air", "Vendredi 20 juin 2031, au parc des Îles."
        message = town.ask("publish", title=title, body=body, lead_s=5)  # long enough for the page to be seen before
        page.goto(f"{town.url}/messages/{message}/")
        page.get_by_role("link", name="Modifier", exact=True).first.focus()

        expect(page.locator("article.rend .st.published")).to_have_count(page.locator("article.rend").count())

        expect(page.locator("#pulse")).not_to_have_attribute("hx-get", re.compile(""))
        expect(page.locator(".toast")).to_contain_text("sorties sur")
        expect(page.get_by_role("link", name="Modifier", exact=True).first).to_be_focused()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.wait_for_timeout(4000)
        assert not asked  # it stopped


def test_the_main_path_without_script(browser: Browser, town: Stage) -> None:
    title = "La médiathèque ouvre le dimanche"
    body = "La médiathèque de Val-Clair ouvre le dimanche 15 juin 2031, de 14 h à 18 h."
    with window(browser, **PHONE, java_script_enabled=False) as phone:
        enter(phone.page, town, KARIM)
        hand_in(phone.page, town, title, body)
    with window(browser, java_script_enabled=False) as desk:
        enter(desk.page, town, INES)
        message = draft(desk.page, town, title)
        desk.page.get_by_role("link", name="Modifier la version Mastodon").click()
        text = desk.page.get_by_label("Texte")
        text.fill(f"{text.input_value()}\n\nVenez en famille.")
        desk.page.get_by_role("button", name="Enregistrer la version").click()
        ask(desk.page)
        with window(browser, **PHONE, java_script_enabled=False) as phone:
            enter(phone.page, town, SOPHIE)
            approve(phone.page, town, title)
        live(desk.page, message, "Mastodon")


def test_from_the_desk_to_a_message_by_keyboard_alone(browser: Browser, town: Stage) -> None:
    first, second = "Exposition au musée", "Atelier de céramique"
    with window(browser) as window_of_karim:
        enter(window_of_karim.page, town, KARIM)
        for title in (first, second):
            hand_in(window_of_karim.page, town, title, f"{title} : samedi 21 juin 2031.")
    with window(browser) as desk:
        page = desk.page
        enter(page, town, INES)
        row = page.locator(".inbox > li", has_text=first)
        expect(row).to_be_visible()
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
        for _ in range(40):
            if row.locator("summary:focus").count():
                break
            page.keyboard.press("j")
        expect(row.locator("summary")).to_be_focused()
        page.keyboard.press("c")
        expect(page.get_by_role("heading", level=1, name=first)).to_be_visible()


def test_a_person_turns_the_product_to_english(browser: Browser, town: Stage) -> None:
    with window(browser, locale="en-GB") as reader:
        reader.page.goto(f"{town.url}/l/{town.ask('letter')}")
        expect(reader.page.get_by_role("button", name="Subscribe")).to_be_visible()  # not signed in: the browser's
    with window(browser) as desk:
        page = desk.page
        enter(page, town, HELENE)
        page.goto(f"{town.url}/me/")
        page.get_by_label("Langue").select_option("en")
        page.get_by_role("button", name="Enregistrer").click()

        expect(page.locator("html")).to_have_attribute("lang", "en")
        page.get_by_role("link", name="People", exact=True).first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("People")
