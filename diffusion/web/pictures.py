"""The fields by which a picture comes in: a file, what it shows, or that it only decorates. Kept even if the rest is wrong."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from diffusion import access
from diffusion.directory.models import Person
from diffusion.errors import BadInput
from diffusion.media import Asset, describe, keep
from diffusion.message.models import Message
from diffusion.web.forms import Form


class PictureForm(Form):
    """`asset` is the picture once the form was cleaned, or None. What others say of theirs isn't `by`'s to change."""

    picture = forms.FileField(
        label=_("Image"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
        help_text=_("JPEG, PNG, WebP ou GIF. Le lieu de la prise de vue en est retiré."),
    )
    description = forms.CharField(
        label=_("Décrivez l'image pour qui ne la voit pas"),
        max_length=1500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    is_decorative = forms.BooleanField(
        label=_("Image décorative"),
        required=False,
        help_text=_("Elle n'apprend rien de plus que le texte."),
    )
    kept = forms.CharField(required=False, widget=forms.HiddenInput)

    asset: Asset | None = None

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        self.asset = self._keep(given)
        if self.asset is None:
            return given
        # a file field can't be filled again: the next try carries the kept picture's id
        self.data = {**dict(self.data.items()), self.add_prefix("kept"): self.asset.public_id}
        description = given.get("description") or self.asset.description
        if not description.strip() and not given.get("is_decorative"):
            self.says(BadInput("media_undescribed"), "description")
        return given

    def _keep(self, given: dict[str, Any]) -> Asset | None:
        if not given.get("picture"):
            return Asset.objects.filter(public_id=given.get("kept") or "").first()
        try:
            return keep(given["picture"].read(settings.DIFFUSION.media_max_bytes + 1))  # one more shows that it is more
        except BadInput as no:
            self.says(no, "picture")
            return None

    def described(self) -> Asset | None:
        """The picture with its description, once the form is valid."""
        if self.asset is None:
            return None
        if not _may_reword(self.by, self.asset):
            return self.asset
        given = self.cleaned_data
        text = given["description"] or self.asset.description
        return describe(self.asset, description=text, is_decorative=given["is_decorative"])


def _may_reword(person: Person, picture: Asset) -> bool:
    """It stands in nothing yet, or only in messages that they edit: the same picture is one row, for all who show it."""
    shown = Message.objects.filter(revisions__media=picture).order_by()
    return not shown.exclude(pk__in=access.messages(person, "edit").order_by().values("pk")).exists()
