"""What the API's tests begin with. Imports of the product stand inside: pytest reads this before Django is set up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

Caller = Callable[..., Any]


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Counts of calls live in this process; tokens of two tests can have one id."""
    from diffusion.api import pace

    pace.limiter.cache_clear()
    yield
    pace.limiter.cache_clear()


@pytest.fixture
def marc(db: None) -> Caller:
    """A contributor of the water service, whose site hands in by machine."""
    from tests import valclair
    from tests.api.machine import caller, token_of

    valclair.water()
    return caller(token_of(valclair.marc()))


@pytest.fixture
def ines(db: None) -> Caller:
    """A communicator for the whole authority."""
    from tests import valclair
    from tests.api.machine import caller, token_of

    return caller(token_of(valclair.ines()))
