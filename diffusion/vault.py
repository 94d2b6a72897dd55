"""Credentials at rest: encrypted with the newest key, readable with all. A key is changed by putting another before it."""

from __future__ import annotations

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac
from pydantic import BaseModel, SecretStr

from diffusion.errors import BadInput


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.DIFFUSION.fernet_keys()])


def seal(credentials: BaseModel) -> str:
    """The model as an encrypted text; secrets inside included."""
    plain = {name: _reveal(value) for name, value in credentials.model_dump().items()}
    return _fernet().encrypt(json.dumps(plain).encode()).decode()


def unseal(sealed: str) -> dict[str, Any]:
    """What was sealed. Raises BadInput("credentials_unreadable") when no key of ours opens it."""
    if not sealed:
        return {}
    try:
        opened: dict[str, Any] = json.loads(_fernet().decrypt(sealed.encode()))
    except InvalidToken as unknown_key:
        raise BadInput("credentials_unreadable") from unknown_key
    return opened


def _reveal(value: Any) -> Any:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def hidden(key: str, prefix: str, version: int) -> str:
    """A cache key that tells nothing: what limits guessing is counted by machine, and no table keeps who asked."""
    return salted_hmac("diffusion.limits", f"{prefix}:{version}:{key}").hexdigest()
