"""The product's own mails: to the relay of DIFFUSION_EMAIL_URL, else as files in the home's outbox."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail.backends.filebased import EmailBackend as Files
from django.core.mail.backends.smtp import EmailBackend as Smtp
from django.core.mail.message import EmailMessage


def has_relay() -> bool:
    """Whether the product's own mails reach people; else they lie in the home, and pages must not say that they went."""
    return settings.DIFFUSION.email_url is not None


class Outbox:
    """Django's mail backend: chooses by the setting, each time, so that tests and `doctor` see what is in force."""

    def __init__(self, **_options: Any) -> None:
        given = settings.DIFFUSION.email_url
        self.address = urlsplit(given.get_secret_value()) if given else None

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        """Raises OSError (smtplib's errors are) when the relay does not take them."""
        return self._backend().send_messages(messages) or 0

    def try_out(self) -> None:
        """Connect and sign in at the relay, and send nothing. Raises OSError."""
        backend = self._backend()
        if isinstance(backend, Smtp):
            try:
                backend.open()
            finally:
                backend.close()

    def _backend(self) -> Smtp | Files:
        if self.address is None:
            folder = settings.DIFFUSION.make_home() / "outbox"
            folder.mkdir(mode=0o700, exist_ok=True)
            return Files(file_path=str(folder))
        parts = self.address
        backend = Smtp(
            host=parts.hostname, port=parts.port or 25, username=unquote(parts.username or ""),
            password=unquote(parts.password or ""), use_tls=parts.scheme == "smtp+tls",
            use_ssl=parts.scheme == "smtps", timeout=20,
        )  # fmt: skip
        if settings.DIFFUSION.ca_file:
            backend.ssl_context = ssl.create_default_context(cafile=str(settings.DIFFUSION.ca_file))
        return backend
