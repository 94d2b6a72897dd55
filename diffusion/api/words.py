"""The API's own problems: code → status, title, what happened and what to do; in French and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem (RFC 9457, 3.1). Sentences are (French, English), filled with facts."""

    status: int
    title: tuple[str, str]
    detail: tuple[str, str]


KINDS: Mapping[str, Kind] = {
    "malformed": Kind(
        400,
        ("Corps illisible", "Unreadable body"),
        ("Le corps n’est pas du JSON en UTF-8.", "The body is not JSON in UTF-8."),
    ),
    "key_invalid": Kind(
        400,
        ("Clé invalide", "Invalid key"),
        (
            "Idempotency-Key doit compter de 1 à {limit} caractères ASCII visibles.",
            "Idempotency-Key must be 1 to {limit} visible ASCII characters.",
        ),
    ),
    "unauthenticated": Kind(
        401,
        ("Jeton nécessaire", "Token needed"),
        (
            "Donnez un jeton valide : « Authorization: Bearer … ». On en crée un par « diffusion person token add ».",
            "Give a valid token: “Authorization: Bearer …”. `diffusion person token add` makes one.",
        ),
    ),
    "scope_missing": Kind(
        403,
        ("Jeton limité", "Limited token"),
        ("Ce jeton n’a pas la portée {needed}.", "This token has not the scope {needed}."),
    ),
    "forbidden": Kind(
        403,
        ("Pas permis", "Not allowed"),
        ("Cette personne ne peut pas faire cela.", "This person may not do this."),
    ),
    "not_found": Kind(
        404,
        ("Introuvable", "Not found"),
        ("Rien à cette adresse, ou rien pour vous.", "Nothing at this address, or nothing for you."),
    ),
    "method": Kind(
        405,
        ("Méthode impossible", "Method not possible"),
        ("Cette adresse ne prend que : {allowed}.", "This address takes only: {allowed}."),
    ),
    "conflict": Kind(
        409,
        ("Pas maintenant", "Not now"),
        ("Ce n’est pas possible dans cet état.", "Not possible in this state."),
    ),
    "too_large": Kind(
        413,
        ("Trop grand", "Too large"),
        ("Le corps dépasse {limit} octets.", "The body is over {limit} bytes."),
    ),
    "not_json": Kind(
        415,
        ("Type de contenu", "Media type"),
        ("Envoyez « Content-Type: application/json ».", "Send “Content-Type: application/json”."),
    ),
    "invalid": Kind(
        422,
        ("À corriger", "To put right"),
        (
            "Certains champs sont à corriger ; rien n’a été gardé.",
            "Some fields have to be put right; nothing was kept.",
        ),
    ),
    "rate_limited": Kind(
        429,
        ("Trop de demandes", "Too many requests"),
        ("Attendez {seconds} s, puis recommencez.", "Wait {seconds} s, then try again."),
    ),
    "internal": Kind(
        500,
        ("Erreur de notre côté", "An error of ours"),
        (
            "Diffusion a rencontré une erreur ; elle est dans le journal sous {reference}. Recommencez avec la même clé.",
            "Diffusion met an error; it is in the log as {reference}. Try again with the same key.",
        ),
    ),
    "unavailable": Kind(
        503,
        ("Indisponible", "Unavailable"),
        (
            "La base ne répond pas : rien n’a été gardé. Recommencez avec la même clé.",
            "The database does not answer: nothing was kept. Try again with the same key.",
        ),
    ),
}

FIELDS: Mapping[str, tuple[str, str]] = {
    "missing": ("Ce champ manque.", "This field is missing."),
    "extra_forbidden": ("Ce champ n’existe pas.", "There is no such field."),
    "string_type": ("Il faut un texte.", "Text is needed."),
    "string_unicode": (
        "Ce texte contient un demi-caractère (un « surrogate » isolé).",
        "This text holds half a character (a lone surrogate).",
    ),
    "nul": ("Ce texte contient un caractère NUL.", "This text holds a NUL character."),
    "string_too_long": ("Au plus {max_length} caractères.", "At most {max_length} characters."),
    "string_too_short": ("Au moins {min_length} caractère.", "At least {min_length} character."),
    "literal_error": ("Une de ces valeurs : {expected}.", "One of these: {expected}."),
    "int_parsing": ("Il faut un nombre entier.", "A whole number is needed."),
    "int_type": ("Il faut un nombre entier.", "A whole number is needed."),
    "int_parsing_size": ("Ce nombre est trop grand.", "This number is too large."),
    "greater_than_equal": ("Au moins {ge}.", "At least {ge}."),
    "less_than_equal": ("Au plus {le}.", "At most {le}."),
    "model_attributes_type": ("Il faut un objet JSON.", "A JSON object is needed."),
    "model_type": ("Il faut un objet JSON.", "A JSON object is needed."),
    "dict_type": ("Il faut un objet JSON.", "A JSON object is needed."),
    "unknown_directorate": (
        "Pas de direction « {given} » pour laquelle vous puissiez proposer. Il y a : {known}.",
        "No directorate “{given}” for which you may submit. There are: {known}.",
    ),
}
"""What can be wrong with one field: the validator's code → sentence."""
OTHER = ("Cette valeur n’est pas possible.", "This value is not possible.")
