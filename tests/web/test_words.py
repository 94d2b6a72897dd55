"""Every French sentence of the pages has its English, the compiled catalogue is current, and icons and labels exist."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.apps import apps
from django.db.models import TextChoices
from django.utils import translation
from django.utils.translation.template import templatize

import diffusion
from channels import registry
from diffusion.accounts.models import Account  # noqa: F401  # the registry below is filled by importing models
from diffusion.templatetags.diffusion import STATES
from diffusion.web import labels
from diffusion.web.channel_words import FRENCH
from diffusion.web.journal import SAID

HERE = Path(diffusion.__file__).parent
CATALOGUE = HERE / "locale/en/LC_MESSAGES/django.po"
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip


def _catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def _sources() -> Iterator[tuple[Path, str]]:
    for path in sorted(HERE.rglob("*.py")):
        yield path, path.read_text(encoding="utf-8")
    for path in sorted((HERE / "templates").rglob("*.*")):
        yield path, templatize(path.read_text(encoding="utf-8")).replace("\n", " ")


def _used() -> Iterator[str]:
    """Each sentence that a page or a view says (the singular stands for both)."""
    for _path, code in _sources():
        for _line, found, *_rest in extract("python", io.BytesIO(code.encode()), keywords=KEYWORDS):
            if isinstance(found, str):
                yield found
                continue
            strings = [part for part in found if isinstance(part, str)]
            yield strings[1] if len(found) > 1 and _is_in_context(code, found) else strings[0]


def _is_in_context(code: str, found: tuple[str | None, ...]) -> bool:
    return re.search(r"pgettext(_lazy)?\(\s*u?['\"]" + re.escape(str(found[0])), code) is not None


def test_every_sentence_has_its_english() -> None:
    known = {_french(row) for row in _catalogue() if row.id}

    missing = sorted(set(_used()) - known)

    assert not missing, "run `make words`, then write their English"


def test_no_english_is_empty_or_guessed() -> None:
    rows = [row for row in _catalogue() if row.id]

    wanting = [row.id for row in rows if row.fuzzy or not all(row.string if row.pluralizable else [row.string])]

    assert not wanting


def test_the_compiled_catalogue_is_current() -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = _said(read_mo(file))

    assert compiled == _said(_catalogue()), "run `make words`"


def _said(catalogue: Catalog) -> dict[tuple[str | None, str], list[str]]:
    """(context, French) → English, singular and plural."""
    rows = [row for row in catalogue if row.id]
    strings = {(_context(row), _french(row)): row.string for row in rows}
    return {key: [said] if isinstance(said, str) else [*said] for key, said in strings.items()}


def _context(row: Message) -> str | None:
    """Babel gives it as bytes when it comes from a compiled file."""
    return row.context.decode() if isinstance(row.context, bytes) else row.context


def _french(row: Message) -> str:
    return row.id if isinstance(row.id, str) else row.id[0]


def test_placeholders_are_the_same_in_both_languages() -> None:
    pattern = re.compile(r"%\(\w+\)s|\{\w*\}")
    for row in _catalogue():
        pairs = zip(row.id, row.string, strict=True) if isinstance(row.id, tuple) else [(row.id, row.string)]
        for french, english in pairs:
            assert sorted(pattern.findall(french)) == sorted(pattern.findall(english)), french


def test_every_act_of_the_journal_has_its_words() -> None:
    acts = {
        act for path in HERE.rglob("*.py") for act in re.findall(r'\brecord\(\s*[\w.]+,\s*"(\w+)"', path.read_text())
    }

    assert "approve" in acts
    assert sorted(acts - set(SAID)) == []


def _choices() -> set[type[TextChoices]]:
    """Every enumeration that a model's column uses."""
    fields = [field for model in apps.get_app_config("diffusion").get_models() for field in model._meta.fields]
    used = {
        kind
        for field in fields
        if field.choices
        for kind in TextChoices.__subclasses__()
        if field.choices == kind.choices
    }
    assert used
    return used


def test_every_label_of_a_model_is_marked_for_translation() -> None:
    with translation.override("fr"):
        marked = {str(label) for label in labels.LABELS}
        shown = {str(label) for kind in _choices() for label in kind.labels}

    assert sorted(shown - marked) == []


def test_what_channels_declare_is_worded_in_french() -> None:
    declared = set()
    for channel in registry.all_channels():
        for row in channel.Credentials.model_fields.values():
            declared |= {row.title or "", row.description or ""}

    assert sorted(declared - {""} - set(FRENCH)) == []


def _symbols() -> set[str]:
    return set(re.findall(r'<symbol id="([^"]+)"', (HERE / "static/icons.svg").read_text()))


def test_every_icon_is_in_the_sprite() -> None:
    named = {icon for icon, _label in STATES.values()}
    for path in (HERE / "templates").rglob("*.html"):
        named |= set(re.findall(r'{% icon "([^"]+)"', path.read_text(encoding="utf-8")))

    assert sorted(named - _symbols()) == []


@pytest.mark.parametrize("path", sorted((HERE / "templates").rglob("*.html")), ids=lambda path: str(path.name))
def test_no_template_has_inline_script_or_style(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert not re.search(r'<script(?![^>]*(?:\ssrc=|type="application/ld\+json"))', text)
    assert not re.search(r"\son\w+\s*=\s*[\"']", text)
    for style in re.findall(r"\sstyle=\"([^\"]*)\"", text):
        assert all(rule.strip().startswith("--") for rule in style.split(";") if rule.strip()), style
