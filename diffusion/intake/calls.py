"""Handing in by machine, once: a key that a caller repeats when it doesn't know whether its call arrived.

After the Internet draft on the Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header-07): the same key with
the same content has the same answer, with other content it is a mistake.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone

from diffusion.directory.models import Directorate, Token
from diffusion.errors import BadInput
from diffusion.ids import digest
from diffusion.intake.models import Submission, Via
from diffusion.intake.submit import Handed, submit
from diffusion.verbs import verb

KEPT = timedelta(days=7)
"""How long a key is remembered: longer than any caller goes on trying."""


class Call(models.Model):
    """One key of one token. `is_new` is what was answered; empty until the submission was kept."""

    token = models.ForeignKey("diffusion.Token", on_delete=models.CASCADE, related_name="calls")
    key = models.CharField(max_length=200)
    content_hash = models.CharField(max_length=64)
    submission = models.ForeignKey("diffusion.Submission", null=True, on_delete=models.CASCADE, related_name="calls")
    is_new = models.BooleanField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="key_is_used_once")]

    def __str__(self) -> str:
        return f"{self.key} of {self.token_id}"


def submit_once(handed: Handed, *, directorate: Directorate, token: Token, key: str) -> tuple[Submission, bool]:
    """Hand in by a machine, and whether that made a new submission. With a `key`, repeating it answers the same.

    Raises BadInput: as `submit`; "key_reused" when the key came with other content before.
    """
    if not key:
        return _submit(handed, directorate, token, uid="")
    call = _begin(token, key, digest(f"{directorate.pk} {handed.level} {handed.language} {handed.fingerprint}"))
    if call.submission is not None:
        return call.submission, bool(call.is_new)
    # a call that died half-way is simply made again: the key is in the submission's own id, so it is found
    made, is_new = _submit(handed, directorate, token, uid=f"api:{token.pk}:{key}")
    Call.objects.filter(pk=call.pk).update(submission=made, is_new=is_new)
    return made, is_new


def _submit(handed: Handed, directorate: Directorate, token: Token, *, uid: str) -> tuple[Submission, bool]:
    began = timezone.now()
    made = submit(handed, directorate=directorate, via=Via.API, by=token.person, uid=uid)
    return made, made.uid == uid if uid else made.received_at >= began


@verb
def _begin(token: Token, key: str, content_hash: str) -> Call:
    Call.objects.filter(token=token, at__lt=timezone.now() - KEPT).delete()
    call, _ = Call.objects.select_related("submission__directorate").get_or_create(
        token=token, key=key, defaults={"content_hash": content_hash}
    )
    if call.content_hash != content_hash:
        raise BadInput("key_reused", key=key)
    return call
