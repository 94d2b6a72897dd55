"""A strict, stateful server of Mastodon's publishing calls. What it remembers outlives a SIGKILL.

Each rule with the page it comes from (docs.joinmastodon.org, read in November 2026; "source": mastodon/mastodon):
- counting, 500 characters, 4 media: /user/posting/; source: status_length_validator.rb, post_status_service.rb;
- the key: kept an hour, looked up before anything is validated, 404 once its status is deleted:
  /methods/statuses/#create; source: post_status_service.rb;
- media: 200 or 202, then 206 until ready, 404 once attached, types, 16 MB, 33,177,600 pixels: /methods/media/,
  /user/posting/#media; source: api/v1/media_controller.rb;
- edits put the whole status anew, media not named again come off: /methods/statuses/#edit;
- deletes answer the source text, then 404: /methods/statuses/#delete;
- scopes and their 403, tokens and their 401: /api/oauth-scopes/, /methods/oauth/;
- rates and their headers, times in ISO 8601: /api/rate-limits/; source: rate_limiter.rb (300 posts in 3 hours);
- messages are in the account's language, here French: source: config/locales/fr.yml (worded anew).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from channels.rehearsal.mastodon_access import Rates, Stop, admit, authorize, endpoints, grant, register, withdraw
from channels.rehearsal.mastodon_state import Media, State, Status
from channels.rehearsal.mastodon_text import (
    DESCRIPTION_MAX,
    INSTANCE,
    MEDIA_MAX,
    TEXT_MAX,
    account_json,
    length,
    media_json,
    media_problem,
    page,
    status_json,
    to_html,
)
from channels.rehearsal.server import Call, Fault, Faults, Loopback, Reply

KEY_S = 3600
PROCESSING_LOOKS = 3
OPEN = frozenset({"public", "unlisted"})
VISIBILITIES = OPEN | {"private", "direct"}
NOT_FOUND = Reply(404, {"error": "Record not found"})


def _refuse(message: str) -> Stop:
    return Stop(Reply(422, {"error": f"La validation a échoué : {message}"}))


class MastodonServer(Loopback):
    """`state_dir` gets `received.jsonl`, one line a status, and `mastodon.jsonl`, everything else.

    `rates` replaces some of `mastodon_access.RATES`; `honours_key` False is a server that ignores Idempotency-Key.
    Control from another process: POST /rehearsal/faults {"fault", "times"?, "method"?, "path"?}, with the token.
    """

    def __init__(
        self,
        state_dir: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str = "rehearsal",  # noqa: S107  a rehearsal's own
        account: str = "valclair",
        faults: Faults | None = None,
        rates: Mapping[str, tuple[int, int]] | None = None,
        honours_key: bool = True,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(host, port, faults)
        self.state = State(state_dir, account)
        self.token = token
        self.account = account
        self.rates = Rates(rates or {})
        self.honours_key = honours_key
        self.now = now

    def revoke(self) -> None:
        """As the account's owner does in the preferences: the token is let in no more."""
        self.state.note("revoke", token=self.token)

    def answer(self, call: Call) -> Reply:
        with self.state.lock:
            route, name = _route(call)
            if route is None:
                return NOT_FOUND
            act, scope, family = route
            headers: dict[str, str] = {}
            try:
                if scope is not None:
                    admit(self.state, call, scope, self.token)
                if call.path.startswith("/api/"):
                    headers = self.rates.spend("calls", self.now())
                if family:
                    headers = self.rates.spend(family, self.now())
                reply = act(self, call, name)
            except Stop as stop:
                reply = stop.reply
            return Reply(reply.status, reply.body, {**headers, **reply.headers}, reply.media_type)

    def throttle(self, call: Call) -> Reply:
        return Reply(429, {"error": "Trop de requêtes"}, self.rates.headers("calls", 0, self.now()))

    # what is posted

    def create(self, call: Call, name: str) -> Reply:
        key = call.headers.get("Idempotency-Key", "") if self.honours_key else ""
        known = self.state.keys.get(key) if key else None
        if known and (self.now() - known.at).total_seconds() < KEY_S:
            return NOT_FOUND if known.deleted else Reply(200, self.shown(known))
        status = self._composed(call, Status(self.state.next_id(self.now()), self.now(), key))
        if call.fault is Fault.GHOST:
            return Reply(200, self.shown(status))
        self.state.accept(status)
        return Reply(200, self.shown(status))

    def edit(self, call: Call, name: str) -> Reply:
        status = self._mine(name)
        edited = self._composed(call, Status(status.id, status.at, status.key, edited_at=self.now()))
        self.state.note("edit", **edited.row())
        return Reply(200, self.shown(self._mine(name)))

    def delete(self, call: Call, name: str) -> Reply:
        status = self._mine(name)
        self.state.note("delete", id=name, at=self.now().isoformat())
        return Reply(200, {**self.shown(status), "text": status.text})

    def _composed(self, call: Call, status: Status) -> Status:
        """The status as asked for. Raises Stop with 422 where the server refuses it."""
        fields = call.fields
        status.text = str(fields.get("status") or "").strip()
        status.spoiler = str(fields.get("spoiler_text") or "").strip()
        status.visibility = str(fields.get("visibility") or "public")
        status.language = str(fields.get("language") or "fr")
        status.media = [str(media) for media in fields.get("media_ids") or ()]
        if fields.get("poll") or fields.get("scheduled_at"):
            raise _refuse("les sondages et la programmation ne se répètent pas ici")
        self._check_media(status)
        if not status.text and not status.media:
            raise _refuse("Le texte doit être rempli")
        if length(status.spoiler) + length(status.text) > TEXT_MAX:
            raise _refuse(f"Le texte dépasse la limite de {TEXT_MAX} caractères")
        if status.visibility not in VISIBILITIES:
            raise _refuse("La visibilité n’est pas incluse dans la liste")
        return status

    def _check_media(self, status: Status) -> None:
        if len(status.media) > MEDIA_MAX:
            raise Stop(Reply(422, {"error": f"Impossible de joindre plus de {MEDIA_MAX} fichiers"}))
        found = [self.state.media.get(media) for media in status.media]
        if any(media is None or media.status not in ("", status.id) for media in found):
            raise Stop(Reply(422, {"error": "Média introuvable ou déjà attaché à un autre message"}))
        if any(media and media.looks_left for media in found):
            raise Stop(Reply(422, {"error": "Impossible de joindre des fichiers dont le traitement n’est pas terminé"}))

    # what is looked at

    def show(self, call: Call, name: str) -> Reply:
        """To anybody what is public; with a token all that is its own."""
        status = self._mine(name)
        if call.headers.get("Authorization"):
            admit(self.state, call, "read:statuses", self.token)
        elif status.visibility not in OPEN:
            raise Stop(NOT_FOUND)
        return Reply(200, self.shown(status))

    def source(self, call: Call, name: str) -> Reply:
        status = self._mine(name)
        return Reply(200, {"id": status.id, "text": status.text, "spoiler_text": status.spoiler})

    def history(self, call: Call, name: str) -> Reply:
        status = self._mine(name)
        return Reply(200, [{"content": to_html(text)} for text in (*status.before, status.text)])

    def statuses(self, call: Call, name: str) -> Reply:
        if name != "1":
            return NOT_FOUND
        bounds = {bound: int(call.fields.get(bound) or 0) for bound in ("max_id", "since_id", "min_id")}
        limit = min(int(call.fields.get("limit") or 20), 40)
        above = max(bounds["since_id"], bounds["min_id"])
        rows = [
            s
            for s in self.state.newest()
            if int(s.id) > above and (not bounds["max_id"] or int(s.id) < bounds["max_id"])
        ]
        rows = rows[-limit:] if bounds["min_id"] else rows[:limit]
        return Reply(200, [self.shown(status) for status in rows])

    def whoami(self, call: Call, name: str) -> Reply:
        return Reply(200, self._account())

    def instance(self, call: Call, name: str) -> Reply:
        return Reply(200, INSTANCE)

    def public(self, call: Call, name: str) -> Reply:
        """A status's own page, as the public sees it."""
        status = self.state.statuses.get(name)
        if status is None or status.deleted or status.visibility not in OPEN:
            return Reply(404, b"<!DOCTYPE html><title>404</title>", media_type="text/html; charset=utf-8")
        return Reply(200, page(self.account, status, self._media_of(status)), media_type="text/html; charset=utf-8")

    # media

    def upload(self, call: Call, name: str) -> Reply:
        part, description = call.files.get("file"), str(call.fields.get("description") or "")
        problem = "Fichier manquant" if part is None else media_problem(part.body)
        if part is None or problem or len(description) > DESCRIPTION_MAX:
            raise _refuse(problem or f"La description dépasse {DESCRIPTION_MAX} caractères")
        looks = PROCESSING_LOOKS if call.fault in (Fault.PROCESSING, Fault.MEDIA_FAILED) else 0
        media = Media(self.state.next_id(self.now()), description, looks, fails=call.fault is Fault.MEDIA_FAILED)
        self.state.note("media", **media.row())
        return Reply(202 if looks else 200, self._attachment(media))

    def media(self, call: Call, name: str) -> Reply:
        media = self.state.media.get(name)
        if media is None or media.status:
            return NOT_FOUND
        if media.looks_left:
            media.looks_left -= 1
        if media.looks_left:
            return Reply(206, self._attachment(media))
        return (
            Reply(422, {"error": "Erreur de traitement du média"})
            if media.fails
            else Reply(200, self._attachment(media))
        )

    def control(self, call: Call, name: str) -> Reply:
        try:
            self.faults.arm(**call.fields)
        except (TypeError, ValueError) as error:
            return Reply(422, {"error": str(error)})
        return Reply(200, {})

    # how things are shown

    def _mine(self, name: str) -> Status:
        status = self.state.statuses.get(name)
        if status is None or status.deleted:
            raise Stop(NOT_FOUND)
        return status

    def _account(self) -> dict[str, Any]:
        return account_json(self.url, self.account, sum(1 for _ in self.state.newest()))

    def _attachment(self, media: Media) -> dict[str, Any]:
        return media_json(self.url, media)

    def _media_of(self, status: Status) -> list[Media]:
        return [self.state.media[media] for media in status.media]

    def shown(self, status: Status) -> dict[str, Any]:
        return status_json(self.url, self._account(), status, self._media_of(status))


Act = Callable[[MastodonServer, Call, str], Reply]

ROUTES: tuple[tuple[str, str, Act, str | None, str], ...] = (
    # method, path, what answers, the scope asked for (None: no token), the family of its rate
    ("POST", r"/api/v1/statuses", MastodonServer.create, "write:statuses", "posts"),
    ("GET", r"/api/v1/statuses/(\d+)", MastodonServer.show, None, ""),  # docs: /methods/statuses/#get, public without
    ("GET", r"/api/v1/statuses/(\d+)/source", MastodonServer.source, "read:statuses", ""),
    ("GET", r"/api/v1/statuses/(\d+)/history", MastodonServer.history, "read:statuses", ""),
    ("PUT", r"/api/v1/statuses/(\d+)", MastodonServer.edit, "write:statuses", "posts"),
    ("DELETE", r"/api/v1/statuses/(\d+)", MastodonServer.delete, "write:statuses", "deletes"),
    ("GET", r"/api/v1/accounts/verify_credentials", MastodonServer.whoami, "read:accounts", ""),
    ("GET", r"/api/v1/accounts/(\d+)/statuses", MastodonServer.statuses, "read:statuses", ""),
    ("POST", r"/api/v[12]/media", MastodonServer.upload, "write:media", "media"),
    ("GET", r"/api/v1/media/(\d+)", MastodonServer.media, "write:media", ""),
    ("GET", r"/api/v[12]/instance", MastodonServer.instance, None, ""),
    ("POST", r"/api/v1/apps", lambda server, call, _: register(server.state, call), None, ""),
    ("GET", r"/\.well-known/oauth-authorization-server", lambda server, call, _: endpoints(server.url), None, ""),
    ("GET", r"/oauth/authorize", lambda server, call, _: authorize(server.state, call), None, ""),
    ("POST", r"/oauth/token", lambda server, call, _: grant(server.state, call, server.now()), None, ""),
    ("POST", r"/oauth/revoke", lambda server, call, _: withdraw(server.state, call), None, ""),
    ("GET", r"/@\w+/(\d+)", MastodonServer.public, None, ""),
    ("POST", r"/rehearsal/faults", MastodonServer.control, "write", ""),
)


def _route(call: Call) -> tuple[tuple[Act, str | None, str] | None, str]:
    for method, pattern, act, scope, family in ROUTES:
        match = re.fullmatch(pattern + "/?", call.path)
        if match and call.method == method:
            return (act, scope, family), match.group(1) if match.groups() else ""
    return None, ""
