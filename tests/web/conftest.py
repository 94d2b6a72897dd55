"""What the pages' tests begin with. Imports of the product stand inside: pytest reads this before Django is set up."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.test import Client

if TYPE_CHECKING:
    from tests.web.town import Town


@pytest.fixture
def town(db: None) -> Town:
    from tests.web.town import build

    return build()


@pytest.fixture
def sign_in(town: Town) -> Callable[[str], Client]:
    """A browser in which the person with this role is signed in."""

    def enter(kind: str) -> Client:
        client = Client()
        client.force_login(town.people[kind])
        return client

    return enter
