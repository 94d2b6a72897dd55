"""Random ids for public addresses, and secrets kept only as their hash."""

import hashlib
import secrets

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0 o 1 l i: read aloud, typed from a poster


def public_id() -> str:
    """Twelve characters, 59 bits: not guessable in bulk, not a secret."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))


def secret() -> str:
    """256 bits for a link or a token; shown once, stored as `digest(secret)`."""
    return secrets.token_urlsafe(32)


def digest(value: str) -> str:
    """SHA-256, hexadecimal. Enough for secrets of 256 bits, which no dictionary holds."""
    return hashlib.sha256(value.encode()).hexdigest()
