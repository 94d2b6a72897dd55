"""What the API takes and gives: the house's own words, times in RFC 3339 and UTC, absent things null."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

TITLE_MAX, TEXT_MAX, URL_MAX, PLACE_MAX = 300, 50_000, 2000, 300
PAGE_MAX, SIZE_MAX = 100_000, 100
LevelName = Literal["internal", "partners", "public"]
StateName = Literal[
    "planned", "claimed", "sending", "uncertain", "published", "refused", "held", "cancelled", "superseded", "withdrawn"
]


def _without_nul(text: str) -> str:
    """PostgreSQL keeps none, and no reader sees one. Half characters don't come this far: pydantic refuses them."""
    if "\x00" in text:
        raise PydanticCustomError("nul", "NUL")
    return text


Text = Annotated[str, AfterValidator(_without_nul)]


class SubmissionIn(Schema):
    """Content as a directorate hands it in."""

    model_config = ConfigDict(extra="forbid")

    title: Text = Field(min_length=1, max_length=TITLE_MAX, description="What people will remember, in a sentence.")
    text: Text = Field("", max_length=TEXT_MAX, description="The whole information, in Markdown or plain text.")
    directorate: Text = Field(max_length=50, description="The directorate's short name.")
    level: LevelName = Field("public", description="Who is to know.")
    language: Literal["fr", "en"] | None = Field(None, description="Left out, it is that of its words.")
    url: Text = Field("", max_length=URL_MAX, description="A page to cite.")
    starts: Text = Field("", max_length=40, description="Of an event: RFC 3339, a date or a moment.")
    ends: Text = Field("", max_length=40, description="Of an event; the end of a whole day is the day after.")
    place: Text = Field("", max_length=PLACE_MAX)


class Received(Schema):
    """That a submission is kept, and where to follow it."""

    id: str
    version: int
    directorate: str
    level: LevelName
    received_at: datetime


class Place(Schema):
    """Where something of it can be read. `url` is null where the channel gives no address (a letter)."""

    account: str
    channel: str
    url: str | None
    at: datetime
    rehearsal: bool = Field(description="It went no further than the town's own machine.")


class Submission(Received):
    """A submission and what became of it."""

    title: str
    language: str
    via: str
    state: Literal["received", "declined", "in_preparation", "scheduled", "published", "withdrawn", "set_aside"]
    decline_reason: str | None
    message: str | None = Field(description="The message made of it, once there is one.")
    goes_at: datetime | None
    places: list[Place]


class Receipt(Schema):
    """Proof from the channel."""

    id: str
    url: str | None
    at: datetime


class Delivery(Schema):
    """One rendition going to one account at one time."""

    id: str
    message: str
    title: str
    account: str
    channel: str
    rehearsal: bool = Field(description="It goes no further than the town's own machine: no figure counts it.")
    level: LevelName
    lane: str
    state: StateName
    shown_state: str = Field(description="The state as people read it: also due, retrying, verifying.")
    planned_at: datetime
    due_at: datetime | None
    tries: int
    code: str | None
    detail: str | None = Field(description="The code in words, while it matters.")
    receipt: Receipt | None


class Message(Schema):
    """One truth. `stage` is where it stands."""

    id: str
    title: str
    directorate: str
    brand: str
    campaign: str | None = Field(description="The campaign that it is of, by name.")
    levels: list[LevelName]
    language: str
    urgent: bool
    stage: str
    publish_at: datetime | None
    made_at: datetime
    page: str = Field(description="The message's own page, where its posts lead once it is public.")


class WholeMessage(Message):
    """With its words, its submissions and its deliveries."""

    body: str
    revision: int | None
    submissions: list[str]
    deliveries: list[Delivery]


T = TypeVar("T")


class Page(Schema, Generic[T]):
    """A stretch of a list, newest first."""

    items: list[T]
    count: int
    page: int
    pages: int


class Paging(Schema):
    """Which stretch."""

    page: int = Field(1, ge=1, le=PAGE_MAX)
    size: int = Field(20, ge=1, le=SIZE_MAX)


class DeliveryFilter(Paging):
    """Which deliveries."""

    state: StateName | None = None
    account: str | None = Field(None, max_length=50, description="An account's short name.")
    message: str | None = Field(None, max_length=12, description="A message's id.")
    rehearsal: bool | None = Field(None, description="Only rehearsals, or only what is none. By default both.")


class FieldFault(Schema):
    """What is wrong with one field: a JSON pointer into the body, or `?name` in the query."""

    pointer: str
    detail: str
    code: str


class Problem(Schema):
    """RFC 9457. `code` is for programs, `detail` for people, in the language of Accept-Language."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldFault] | None = None
