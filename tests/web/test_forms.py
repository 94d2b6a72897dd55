"""Forms: hint before, error after, both announced; a summary when there is more than one."""

from __future__ import annotations

import re

from django import forms
from django.utils import translation

from diffusion.errors import BadInput
from diffusion.web.forms import Form


class Sample(Form):
    phone = forms.CharField(label="Téléphone", help_text="Dix chiffres, ou un numéro court.")
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    level = forms.ChoiceField(label="Niveau", choices=[("a", "Interne"), ("b", "Public")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="D'accord", required=False)
    secret = forms.CharField(label="Jeton", widget=forms.PasswordInput, required=False)


def _html(form: Form) -> str:
    with translation.override("fr"):
        return str(form)


def test_a_field_has_its_hint_before_and_its_error_after() -> None:
    html = _html(Sample({"phone": "", "level": "a"}))

    field = html[html.index('for="id_phone"') :]
    hint, given, error = (field.index(part) for part in ("Dix chiffres", "<input", 'class="err"'))
    assert hint < given < error
    described = re.search(r'aria-describedby="([^"]+)"', field)
    assert described
    assert all(f'id="{part}"' in html for part in described[1].split())
    assert 'aria-invalid="true"' in field


def test_two_errors_make_a_summary_with_links_to_fields_that_exist() -> None:
    html = _html(Sample({}))

    links = re.findall(r'<li><a href="#([^"]+)"', html)
    assert len(links) == 2
    assert 'role="alert"' in html
    assert all(f'id="{link}"' in html for link in links)


def test_one_error_makes_none() -> None:
    assert 'id="errors"' not in _html(Sample({"phone": "", "level": "a"}))


def test_what_is_typed_is_an_in_and_what_is_ticked_is_not() -> None:
    html = _html(Sample())

    assert re.search(r'<input[^>]*name="phone"[^>]*class="in"', html)
    assert re.search(r'<textarea[^>]*class="in"', html)
    for tag in re.findall(r'<input type="(?:radio|checkbox)"[^>]*>', html):
        assert "class=" not in tag


def test_a_secret_is_never_shown_again() -> None:
    assert "s3cret" not in _html(Sample({"phone": "1", "level": "a", "secret": "s3cret"}))


def test_a_verbs_no_stands_at_its_field_in_the_readers_language() -> None:
    form = Sample({"phone": "1", "level": "a"})
    with translation.override("en"):
        form.says(BadInput("address_invalid", given="x"), "phone")

    assert form.errors["phone"] == ["“x” is not an e-mail address."]


class Choosing(Form):
    over = forms.ChoiceField(
        label="Suspendre quoi ?", choices=[("", "Tout, partout"), ("a", "Un compte")], required=False
    )
    note = forms.CharField(label="Note", required=False)


def test_a_list_that_says_what_no_choice_means_is_not_called_optional() -> None:
    html = _html(Choosing())

    over, note = (html[html.index(f'for="{name}"') :].split("</label>")[0] for name in ("id_over", "id_note"))
    assert "facultatif" not in over
    assert "facultatif" in note
