"""`@verb`: one change, one durable transaction."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction

P = ParamSpec("P")
R = TypeVar("R")


def verb(act: Callable[P, R]) -> Callable[P, R]:
    """Run `act` in a transaction of its own. Called inside another verb's it fails at once (`durable`)."""

    @wraps(act)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic(durable=True):
            return act(*args, **kwargs)

    return run
