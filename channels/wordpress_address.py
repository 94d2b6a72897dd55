"""Where a WordPress keeps its API: it says so on its home page, else in one of two usual places.

developer.wordpress.org/rest-api/using-the-rest-api/discovery: the Link header with rel="https://api.w.org/". Without
"pretty" permalinks the root is a query, `?rest_route=/`, with them a path, `/wp-json/`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel

from channels.contract import Code
from channels.http import AddressForbidden, Answer, Http, NoAnswer
from channels.outcomes import Refused, TryLater

CALL_S = 20.0
HOME_MAX = 1024 * 1024


class _Root(BaseModel):
    namespaces: list[str]


def root(http: Http, site: str) -> str:
    """The API's root. Raises TryLater, Refused."""
    return _announced(http, site) or _usual(http, site)


def route(api: str, path: str, query: Mapping[str, str] | None = None) -> str:
    """An address of the API, whether its root is a path or a query."""
    url = f"{api.rstrip('/')}/wp/v2/{path}"
    return f"{url}{'&' if '?' in api else '?'}{urlencode(query)}" if query else url


def _announced(http: Http, site: str) -> str:
    """What the home page's header says, redirects followed."""
    try:
        headers: Mapping[str, str] = http.fetch(f"{site}/", max_bytes=HOME_MAX, total_s=CALL_S).headers
    except AddressForbidden as error:
        raise Refused(Code.ADDRESS_FORBIDDEN, host=error.host, reason=error.reason).ours() from error
    except NoAnswer as error:
        if error.partial is None:
            raise TryLater(Code.NO_ANSWER if error.sent else Code.UNREACHABLE, evidence=str(error)) from error
        headers = error.partial.headers
    found = re.search(r'<([^<>\s]+)>\s*;\s*rel="https://api\.w\.org/"', headers.get("Link", ""))
    return found[1] if found and is_ours(found[1], site) else ""


def is_ours(api: str, site: str) -> bool:
    """Credentials go to the configured site only, with or without its `www.`, and never in clear where it has TLS."""
    there, here = urlsplit(api), urlsplit(site)
    same = [parts.netloc.lower().removeprefix("www.") for parts in (there, here)]
    return same[0] == same[1] and (there.scheme, here.scheme) in {
        ("https", "https"),
        ("https", "http"),
        ("http", "http"),
    }


def _usual(http: Http, site: str) -> str:
    for api in (f"{site}/wp-json/", f"{site}/?rest_route=/"):
        answer = http.call("GET", api, deadline_s=CALL_S)
        if answer.status == 200 and _has_posts(answer):
            return api
    raise Refused(Code.NOT_SUPPORTED, evidence="no WordPress REST API answers at this address")


def _has_posts(answer: Answer) -> bool:
    try:
        return "wp/v2" in _Root.model_validate_json(answer.body).namespaces
    except ValueError:
        return False
