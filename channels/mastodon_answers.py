"""The parts of Mastodon's answers that we read: docs.joinmastodon.org/entities/, read in November 2026."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import AliasPath, BaseModel, Field

from channels.contract import Receipt

MEBI = 1024 * 1024


def _limit(*path: str) -> AliasPath:
    return AliasPath("configuration", *path)


class Attachment(BaseModel):
    id: str


class Status(BaseModel):
    id: str
    url: str | None = None
    content: str = ""
    created_at: datetime
    edited_at: datetime | None = None
    media_attachments: list[Attachment] = []
    replies_count: int = 0
    reblogs_count: int = 0
    favourites_count: int = 0
    quotes_count: int = 0

    def receipt(self, evidence: str = "") -> Receipt:
        at = self.edited_at or self.created_at
        return Receipt(self.id, self.url or "", at.astimezone(UTC), evidence)


class Source(BaseModel):
    text: str


class Account(BaseModel):
    id: str
    acct: str
    url: str = ""
    statuses_count: int = 0


class Instance(BaseModel):
    version: str = ""
    text: int = Field(default=500, validation_alias=_limit("statuses", "max_characters"))
    url: int = Field(default=23, validation_alias=_limit("statuses", "characters_reserved_per_url"))
    count: int = Field(default=4, validation_alias=_limit("statuses", "max_media_attachments"))
    types: frozenset[str] = Field(frozenset(), validation_alias=_limit("media_attachments", "supported_mime_types"))
    bytes_max: int = Field(16 * MEBI, validation_alias=_limit("media_attachments", "image_size_limit"))
    pixels: int = Field(default=33_177_600, validation_alias=_limit("media_attachments", "image_matrix_limit"))
    description: int = Field(default=1500, validation_alias=_limit("media_attachments", "description_limit"))


class Edition(BaseModel):
    """One text that a status has had; its history begins with the first."""

    content: str
