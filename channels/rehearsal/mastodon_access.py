"""Who the rehearsed Mastodon lets in, and how often.

Scopes and tokens: docs.joinmastodon.org /api/oauth-scopes/ and /methods/oauth/; rates: /api/rate-limits/ and the
source's rack_attack.rb and rate_limiter.rb (posts and edits together 300 in 3 hours).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

from channels.rehearsal.mastodon_state import State
from channels.rehearsal.server import Call, Reply

RATES: dict[str, tuple[int, int]] = {
    "calls": (300, 300),
    "posts": (300, 3 * 3600),
    "media": (30, 1800),
    "deletes": (30, 1800),
}
"""How many in how many seconds, by family."""
SCOPES = "read write"

INVALID_TOKEN = Reply(401, {"error": "The access token is invalid"})
REVOKED = Reply(401, {"error": "The access token was revoked"})
OUT_OF_SCOPE = Reply(403, {"error": "This action is outside the authorized scopes"})


class Stop(Exception):
    """Ends a call with this reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


class Rates:
    """Windows that begin on the clock, as the vendor's do."""

    def __init__(self, rates: Mapping[str, tuple[int, int]]) -> None:
        self.rates = {**RATES, **rates}
        self._used: dict[tuple[str, int], int] = {}

    def spend(self, family: str, now: datetime) -> dict[str, str]:
        """The headers that tell what is left. Raises Stop with 429 when nothing is."""
        count, seconds = self.rates[family]
        window = (family, int(now.timestamp()) // seconds)
        used = self._used[window] = self._used.get(window, 0) + 1
        headers = self.headers(family, max(0, count - used), now)
        if used > count:
            raise Stop(Reply(429, {"error": "Trop de requêtes"}, headers))
        return headers

    def headers(self, family: str, left: int, now: datetime) -> dict[str, str]:
        count, seconds = self.rates[family]
        end = (int(now.timestamp()) // seconds + 1) * seconds
        reset = datetime.fromtimestamp(end, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return {"X-RateLimit-Limit": str(count), "X-RateLimit-Remaining": str(left), "X-RateLimit-Reset": reset}


def admit(state: State, call: Call, scope: str, own: str) -> None:
    """Raises Stop: 401 for a token that is none, 403 for one without the scope. `own` is the account's first token."""
    token = call.headers.get("Authorization", "").removeprefix("Bearer ")
    if token in state.revoked:
        raise Stop(REVOKED)
    granted = SCOPES if secrets.compare_digest(token.encode(), own.encode()) else state.tokens.get(token, "")
    if not granted:
        raise Stop(INVALID_TOKEN)
    if not {scope, scope.partition(":")[0]} & set(granted.split()):
        raise Stop(OUT_OF_SCOPE)


def register(state: State, call: Call) -> Reply:
    app = {"client_id": secrets.token_urlsafe(16), "client_secret": secrets.token_urlsafe(16)}
    state.note("app", **app)
    redirect = str(call.fields.get("redirect_uris") or "")
    return Reply(200, {"id": "1", "name": str(call.fields.get("client_name") or ""), "redirect_uri": redirect, **app})


def endpoints(base: str) -> Reply:
    """RFC 8414, since Mastodon 4.3."""
    paths = {"authorization": "authorize", "token": "token", "revocation": "revoke"}
    shown = {f"{name}_endpoint": f"{base}/oauth/{path}" for name, path in paths.items()}
    kinds = {"grant_types_supported": ["authorization_code"], "response_types_supported": ["code"]}
    return Reply(200, {"issuer": f"{base}/", "scopes_supported": SCOPES.split(), **kinds, **shown})


def authorize(state: State, call: Call) -> Reply:
    """The owner says yes at once: it is a rehearsal."""
    code = secrets.token_urlsafe(16)
    state.codes[code] = str(call.fields.get("scope") or "read")
    return Reply(200, {"code": code})


def grant(state: State, call: Call, now: datetime) -> Reply:
    secret = state.apps.get(str(call.fields.get("client_id") or ""))
    if secret is None or secret != call.fields.get("client_secret"):
        return Reply(401, {"error": "invalid_client"})
    scopes = state.codes.pop(str(call.fields.get("code") or ""), "")
    if not scopes:
        return Reply(400, {"error": "invalid_grant"})
    token = secrets.token_urlsafe(24)
    state.note("token", token=token, scopes=scopes)
    made = int(now.timestamp())
    return Reply(200, {"access_token": token, "token_type": "Bearer", "scope": scopes, "created_at": made})


def withdraw(state: State, call: Call) -> Reply:
    """May be repeated."""
    state.note("revoke", token=str(call.fields.get("token") or ""))
    return Reply(200, {})
