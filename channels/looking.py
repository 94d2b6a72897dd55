"""Looking as anybody would, without credentials. What can't be looked at raises an outcome, and proves nothing."""

from __future__ import annotations

from channels.answers import Errors, check, refused
from channels.contract import Code
from channels.http import AddressForbidden, Answer, Http, NoAnswer
from channels.outcomes import Refused, TryLater
from channels.outside import Part, Seen, plain

LOOK_S = 8.0
"""Seconds, total: looking is never urgent, and a thread is held meanwhile."""
PAGE_MAX = 2 * 1024 * 1024
GONE = frozenset({404, 410})
ERRORS: Errors = {(401, None): refused(Code.FORBIDDEN), (403, None): refused(Code.FORBIDDEN)}


def fetched(http: Http, url: str) -> Answer:
    """What lies at the address, redirects followed, if it is there or is gone. Raises Refused, Throttled, TryLater."""
    try:
        got = http.fetch(url, max_bytes=PAGE_MAX, total_s=LOOK_S)
    except AddressForbidden as error:
        raise Refused(Code.ADDRESS_FORBIDDEN, host=error.host, reason=error.reason) from error
    except NoAnswer as error:
        raise TryLater(Code.NO_ANSWER if error.sent else Code.UNREACHABLE, evidence=str(error)) from error
    answer = Answer(got.status, got.headers, got.body)
    return answer if answer.status in GONE else check(answer, ERRORS)


def page(http: Http, url: str, said: str, *, is_ours: bool = False) -> Seen:
    """A page that says it among other things. Raises TryLater where it does not, but for a page that `is_ours`.

    Another's may be a sign-in, an advertisement or a script that would fetch the words: that is not "changed".
    """
    answer = fetched(http, url)
    if answer.status in GONE:
        return Seen.of(url, answer.body)
    part = Part(said, plain(answer.body.decode("utf-8", "replace")))
    if not (is_ours or part.holds):
        raise TryLater(Code.UNREADABLE, evidence=f"not on the page: {part.missing[:200]}")
    return Seen.of(url, answer.body, part)
