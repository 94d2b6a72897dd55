"""Health and metrics, for machines: answered before anything else, so that none of it needs a session, a host name or,
but where it is the question, a database. `live`: this process answers. `ready`: it can serve. `sending`: what is due goes
out; kept apart from `ready`, since pages go on when no worker runs.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse

from diffusion.delivery import watch
from diffusion.web import metrics

Answer = tuple[int, str]


def live(_request: HttpRequest) -> Answer:
    return 200, "ok\n"


def ready(_request: HttpRequest) -> Answer:
    plan = MigrationExecutor(connection)
    missing = plan.migration_plan(plan.loader.graph.leaf_nodes())
    return (503, f"{len(missing)} migrations to apply: diffusion migrate\n") if missing else (200, "ok\n")


def sending(_request: HttpRequest) -> Answer:
    lines = [f"{row.lane}: {row.count} overdue since {row.since:%Y-%m-%dT%H:%M:%SZ}\n" for row in watch.stalled()]
    return (503, "".join(lines)) if lines else (200, "ok\n")


def figures(request: HttpRequest) -> Answer:
    """Only to who has the token: how many posts a town sends, and fails to send, is its own affair."""
    token = settings.DIFFUSION.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token is None or not hmac.compare_digest(given.encode(), token.get_secret_value().encode()):
        return 404, "no metrics without DIFFUSION_METRICS_TOKEN as a bearer token\n"
    return 200, metrics.page()


PROBES: dict[str, Callable[[HttpRequest], Answer]] = {
    "/health/live": live,
    "/health/ready": ready,
    "/health/sending": sending,
    "/metrics": figures,
}


class ProbeMiddleware:
    """The outermost."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path)
        if probe is None:
            return self.get_response(request)
        try:
            status, text = probe(request)
        except DatabaseError as fault:
            status, text = 503, f"database: {type(fault).__name__}\n"
        answer = HttpResponse(text, status=status, content_type=metrics.TYPE)
        answer.headers["Cache-Control"] = "no-store"
        return answer
