"""A real WordPress as source and as target: its feed is pulled, its API published to, and nothing goes round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import requests
from django.db.models.functions import Now

from channels.subject import Line
from diffusion.approval import decide
from diffusion.delivery import amend, claim, reconcile
from diffusion.delivery.echo import echoes
from diffusion.delivery.models import Delivery
from diffusion.intake import pull
from diffusion.intake.models import FirstPull, Source, Submission
from diffusion.intake.pull import Counts
from diffusion.message import write
from diffusion.message.models import Message
from diffusion.rendition import versions
from tests import valclair
from tests.going_out import carry_all, send_out
from tests.servers import wordpress
from tests.servers.proxy import Proxy

pytestmark = [pytest.mark.server, pytest.mark.django_db]

BLOCKS = (
    "<!-- wp:paragraph --><p>L&rsquo;eau sera coup&eacute;e mercredi 17 juin 2026, de 8&nbsp;h&nbsp;30 à 12&nbsp;h&nbsp;30,"
    " rue des Tilleuls.</p><!-- /wp:paragraph --><!-- wp:list --><ul><li>Prévoyez des <strong>bouteilles</strong>.</li>"
    "<li>Une question : 01 99 00 12 34.</li></ul><!-- /wp:list -->"
)


@dataclass
class Site:
    """The site behind a line that can be cut. `by_hand` is its API by an independent client."""

    server: wordpress.WordPress
    line: Proxy

    def by_hand(self, method: str, path: str, **body: Any) -> Any:
        answer = requests.request(
            method, f"{self.line.url}/index.php?rest_route=/wp/v2/{path}", json=body or None, timeout=20,
            auth=(wordpress.USER, self.server.password),
        )  # fmt: skip
        answer.raise_for_status()
        return answer.json()

    def write(self, title: str, content: str) -> int:
        return int(self.by_hand("POST", "posts", title=title, content=content, status="publish")["id"])

    def shown(self) -> str:
        """What its feed shows to anybody."""
        return requests.get(f"{self.line.url}/?feed=rss2", timeout=20).text


@pytest.fixture(params=["", "/%postname%/"], ids=["plain", "named"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    server = wordpress.running()
    server.option("permalink_structure", request.param)
    with Proxy(("127.0.0.1", server.port), trigger=b"/wp/v2/posts") as line:
        yield Site(server, line)


def source_of(site: Site) -> Source:
    return Source.objects.create(
        name="Eau", slug="eau", directorate=valclair.water(), url=f"{site.line.url}/?feed=rss2",
        first_pull=FirstPull.LAST, first_count=2,
    )  # fmt: skip


def pulled(source: Source) -> Counts:
    """Read whole: a site dates its feed to the second, and a test is faster."""
    Source.objects.filter(pk=source.pk).update(etag="", last_modified="")
    source.refresh_from_db()
    counts = pull.pull(source, ours=echoes)
    source.refresh_from_db()
    assert source.health == ""
    return counts


def look() -> None:
    Delivery.objects.filter(state="uncertain").update(look_at=Now())
    lease = claim.claim_looks()
    for pk in lease.ids:
        reconcile.look(pk, lease)


def test_what_is_pulled_from_a_site_and_published_there_does_not_come_round(site):
    names = [f"Coupure d’eau rue des Tilleuls ({uuid4().hex[:6]})", f"Travaux rue Basse ({uuid4().hex[:6]})"]
    first_post = site.write(names[0], BLOCKS)
    site.write(names[1], "<p>La rue Basse ferme lundi 8 juin 2026.</p>")
    account = valclair.account(
        "wordpress", site=site.line.url, user=wordpress.USER, application_password=site.server.password
    )
    source = source_of(site)

    # pulled, composed, approved, published: one of them through a line cut after the post was taken
    assert pulled(source).taken == 2
    submissions = {row.title: row for row in Submission.objects.all()}
    assert set(submissions) == set(names)
    assert "8 h 30 à 12 h 30" in submissions[names[0]].text.replace("\xa0", " ")
    assert "- Prévoyez des bouteilles." in submissions[names[0]].text
    messages = [write.draft_from([submissions[name]], by=valclair.ines()) for name in names]
    send_out(messages[0])
    site.line.set(Line.CUT_AFTER)
    send_out(messages[1])
    site.line.set(Line.PASS)
    sure, doubted = (message.deliveries.get(account=account) for message in messages)
    assert (sure.state, doubted.state) == ("published", "uncertain")

    # both posts stand in the feed: neither is news, known or in doubt
    assert all(site.shown().count(f"<title>{name}") == 2 for name in names)
    assert pulled(source).taken == 0
    look()
    doubted.refresh_from_db()
    assert (doubted.state, doubted.receipt.proof) == ("published", "found")
    assert pulled(source).taken == 0
    assert Submission.objects.count() == 2

    # the author changes the original, which is its next version; our copy changes with the message, and stays ours
    site.by_hand(
        "POST", f"posts/{first_post}", content=BLOCKS.replace("17 juin", "18 juin").replace("mercredi", "jeudi")
    )
    assert pulled(source).updated == 1
    correct(messages[0], "mercredi 17", "jeudi 18")
    copy = site.by_hand("GET", f"posts/{sure.receipt.remote_id}")
    assert "jeudi 18 juin 2026" in copy["content"]["rendered"].replace("\xa0", " ")
    counts = pulled(source)
    assert (counts.taken, counts.updated) == (0, 0)

    # withdrawn from the site, and from its feed
    amend.withdraw(messages[0], by=valclair.ines(), reason="Les travaux sont annulés.")
    carry_all()
    sure.refresh_from_db()
    assert sure.state == "withdrawn"
    assert site.by_hand("GET", f"posts/{sure.receipt.remote_id}")["status"] == "trash"
    assert pulled(source).taken == 0
    assert site.shown().count(f"<title>{names[0]}") == 1
    assert Submission.objects.count() == 3


def correct(message: Message, before: str, after: str) -> None:
    """Revised, approved again, and put in the place of what is live."""
    message.refresh_from_db()
    words = write.words_of(message.revision)
    body = words.body.replace(before, after)
    assert body != words.body
    write.revise(
        message, write.Words(title=words.title, body=body), by=valclair.ines(), based_on=message.revision.number
    )
    versions.compose_all(message)
    message = Message.objects.get(pk=message.pk)
    decide.approve(decide.ask(message, by=valclair.ines()), by=valclair.sophie())
    amend.correct(message, by=valclair.ines())
    carry_all()
