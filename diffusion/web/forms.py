"""How a form looks: each field in `.field`, its hint before, its error after, both in `aria-describedby`.

With two errors or more a summary with links stands on top. Templates only write `{{ form }}` inside `<form>`.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIteratorValue
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest, QueryDict

from diffusion.errors import No
from diffusion.web.answers import sentence
from diffusion.web.spelling import is_french, typography

_BARE = {
    "checkbox",
    "checkbox_option",
    "checkbox_select",
    "radio",
    "radio_option",
    "hidden",
    "file",
    "clearable_file_input",
    "color",
    "multiwidget",
}
"""Widgets of Django that are no `.in`, by the name of their template."""


class Renderer(DjangoTemplates):
    """Ours for the form and its fields; Django's own for the widgets, with our class."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        if "widget" in context:
            for widget in (context["widget"], *context["widget"].get("subwidgets", ())):
                _dress(widget)
                _spell(widget)
        return str(super().render(template_name, context, request))


def _dress(widget: dict[str, Any]) -> None:
    """Everything that is typed, or chosen from a list, is an `.in`."""
    if PurePosixPath(widget["template_name"]).stem in _BARE:
        return
    classes = widget["attrs"].get("class", "").split()
    widget["attrs"]["class"] = " ".join(dict.fromkeys(["in", *classes]))


def _spell(widget: dict[str, Any]) -> None:
    """A list's own words in the reader's typography. Rows of a table are named as people named them."""
    if not is_french():
        return
    for _group, options, _index in widget.get("optgroups", ()):
        for option in options:
            if not isinstance(option["value"], ModelChoiceIteratorValue):
                option["label"] = typography(str(option["label"]))


class Form(forms.Form):
    """A form whose answer may be a verb's no. Its texts have plain line ends: browsers send CR LF, which would read as
    a change of every line that was not touched."""

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django has it, its types don’t
        for name, value in self.cleaned_data.items():
            if isinstance(value, str):
                self.cleaned_data[name] = value.replace("\r\n", "\n")

    def says(self, no: No, field: str | None = None) -> None:
        """Show what the verb said, at `field` or above the form."""
        self.add_error(field, sentence(no))


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: what was sent, also when that is nothing at all; None to show it blank."""
    return request.POST if request.method == "POST" else None
