"""WordPress, against a real one. What it holds is asked of its database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from channels.contract import Code, Media, Receipt, Rendition
from channels.http import Http
from channels.outcomes import Disconnected, Outcome
from channels.subject import ErrorCase, Subject
from channels.wordpress import Credentials, WordPress
from tests.servers.proxy import Proxy
from tests.servers.wordpress import USER, running

NEEDS_SERVER = True
SAMPLE = Rendition(
    title="Coupure d’eau rue des Lilas",
    text="Coupure d’eau rue des Lilas le mardi 3 mars de 8 h 30 à 12 h.",
    html="<p>Coupure d’eau rue des Lilas le mardi 3 mars de 8 h 30 à 12 h.</p>",
)


def picture(folder: Path, name: str = "vanne", colour: str = "navy") -> Media:
    path = folder / f"{name}.png"
    Image.new("RGB", (64, 48), colour).save(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Media(digest, "image/png", str(path), "Une vanne bleue", size=path.stat().st_size)


@contextmanager
def subject(folder: Path) -> Iterator[Subject]:
    site = running()
    used = {"user": USER, "application_password": site.password}
    https: list[Http] = []

    def http() -> Http:
        https.append(Http(frozenset({line.host_port})))
        return https[-1]

    def count() -> int:
        query = "SELECT COUNT(*) FROM wp_posts WHERE post_type = 'post' AND post_status = 'publish'"
        return int(site.sql(query)[0][0])

    def text_of(receipt: Receipt) -> str | None:
        query = f"SELECT post_content FROM wp_posts WHERE ID = {int(receipt.id)} AND post_status = 'publish'"
        return next((row[0] for row in site.sql(query)), None)

    with Proxy(("127.0.0.1", site.port), trigger=b"POST /wp-json/wp/v2/posts ") as line:
        site.option("permalink_structure", "/%postname%/")
        yield Subject(
            name="wordpress",
            make=lambda http: WordPress(Credentials(site=line.url, **used), http),
            http=http,
            count=count,
            text_of=text_of,
            sample=SAMPLE,
            with_media=Rendition(
                title="Une vanne",
                text="Texte",
                html="<p>Texte</p>",
                media=(picture(folder), picture(folder, "pont", "teal")),
            ),
            errors=tuple(cases(used, site.reader_password)),
            line=line,
        )
    for each in https:
        each.close()


def cases(used: dict[str, str], reader_password: str) -> Iterator[ErrorCase]:
    def as_user(user: str, password: str) -> AbstractContextManager[Any]:
        @contextmanager
        def arranged() -> Iterator[None]:
            own = dict(used)
            used.update(user=user, application_password=password)
            yield
            used.update(own)

        return arranged()

    rows: tuple[tuple[str, Any, type[Outcome], Code, str], ...] = (
        ("wrong_password", lambda: as_user(USER, "wrong"), Disconnected, Code.CREDENTIALS, "publish"),
        ("wrong_password_at_probe", lambda: as_user(USER, "wrong"), Disconnected, Code.CREDENTIALS, "probe"),
        ("unknown_user", lambda: as_user("personne", "wrong"), Disconnected, Code.CREDENTIALS, "edit"),
        ("may_not_write", lambda: as_user("lectrice", reader_password), Disconnected, Code.FORBIDDEN, "publish"),
        ("may_not_upload", lambda: as_user("lectrice", reader_password), Disconnected, Code.FORBIDDEN, "prepare"),
        ("may_not_delete", lambda: as_user("lectrice", reader_password), Disconnected, Code.FORBIDDEN, "delete"),
    )
    for name, arrange, outcome, code, act in rows:
        yield ErrorCase(name, arrange, outcome, code, act)
