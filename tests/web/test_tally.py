"""The authority's own figures as people and machines read them, and who may."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from diffusion.delivery.models import Delivery, Event, Receipt
from diffusion.directory.models import Authority
from diffusion.web.spelling import lasts
from tests import valclair
from tests.web.town import Town

SignIn = Callable[[str], Client]
PLACES = ["/figures/", "/figures.json", "/figures.csv"]


@pytest.fixture(autouse=True)
def fresh(db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def out(town: Town) -> Delivery:
    row = valclair.delivery(valclair.board(), due_in=-3600)
    receipt = Receipt.objects.create(delivery=row, proof="published", remote_id="1")
    Delivery.objects.filter(pk=row.pk).update(state="published", receipt=receipt, due_at=None)
    Event.objects.create(delivery=row, was="sending", now="published")
    return row


def _open(to_everybody: bool) -> None:
    Authority.objects.update(shows_figures=to_everybody)


@pytest.mark.parametrize("place", PLACES)
def test_everybody_reads_them_only_if_the_authority_says_so(town: Town, sign_in: SignIn, place: str) -> None:
    assert Client().get(place).status_code == 302
    assert sign_in("agent").get(place).status_code in (302, 403)
    assert sign_in("ops").get(place).status_code == 200

    _open(True)

    assert Client().get(place).status_code == 200
    assert sign_in("agent").get(place).status_code == 200


def test_an_administrator_opens_them_on_the_authoritys_page(town: Town, sign_in: SignIn) -> None:
    page = sign_in("administrator").get(reverse("authority"))
    now = page.context["form"].initial

    sign_in("administrator").post(reverse("authority"), {**now, "lead": "2:00:00", "shows_figures": "on"})

    assert Authority.get().shows_figures
    assert Client().get("/figures/").status_code == 200


def test_the_page_the_json_and_the_csv_say_the_same(out: Delivery) -> None:
    _open(True)

    page = Client().get("/figures/").content.decode()
    told = Client().get("/figures.json").json()
    rows = list(csv.DictReader(io.StringIO(Client().get("/figures.csv").content.decode())))

    assert told["totals"]["published"] == 1
    assert [row["channel"] for row in told["rows"]] == ["board"] == [row["channel"] for row in rows]
    assert rows[0]["published"] == "1"
    assert int(rows[0]["late_median_s"]) == told["rows"][0]["late_median_s"] >= 3600
    assert lasts(told["rows"][0]["late_median_s"]) in page


def test_each_figure_says_what_it_counts(out: Delivery) -> None:
    _open(True)

    told = Client().get("/figures.json").json()

    assert set(told["definitions"]) == set(told["rows"][0]) - {"month", "channel"}


def test_they_are_counted_once_for_many_readers(out: Delivery) -> None:
    _open(True)
    assert Client().get("/figures.json").json()["totals"]["published"] == 1

    Delivery.objects.filter(pk=out.pk).update(state="withdrawn")
    out.account.is_rehearsal = True
    out.account.save()

    assert Client().get("/figures.json").json()["totals"]["published"] == 1


def test_figures_name_nobody_and_no_message(out: Delivery) -> None:
    _open(True)

    for place in PLACES:
        text = Client().get(place).content.decode()
        for secret in (str(out.message), out.public_id, out.account.name, valclair.ines().name):
            assert secret not in text, (place, secret)
