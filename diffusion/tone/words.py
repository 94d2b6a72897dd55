"""What will not load, worded: one row a code, in French and English."""

from __future__ import annotations

PROBLEMS: dict[str, dict[str, str]] = {
    "syntax": {
        "fr": "Ce fichier n’est pas du YAML valable à cet endroit : {detail}",
        "en": "This file is not valid YAML at this place: {detail}",
    },
    "tab": {
        "fr": "Une tabulation sert de retrait : remplacez-la par des espaces.",
        "en": "A tab is used to indent: replace it with spaces.",
    },
    "character": {
        "fr": "Un caractère de commande ou illisible se trouve ici : retirez-le.",
        "en": "There is a control or unreadable character here: take it out.",
    },
    "encoding": {
        "fr": "Le fichier n’est pas en UTF-8 (octet {byte} à cet endroit) : enregistrez-le en UTF-8.",
        "en": "The file is not UTF-8 (byte {byte} at this place): save it as UTF-8.",
    },
    "deep": {"fr": "Le fichier est imbriqué trop profondément.", "en": "The file is nested too deeply."},
    "nothing": {"fr": "Le fichier est vide.", "en": "The file is empty."},
    "unknown": {"fr": "La clé « {key} » est inconnue.{hint_fr}", "en": "The key “{key}” is not known.{hint_en}"},
    "missing": {"fr": "La clé « {key} » manque.", "en": "The key “{key}” is missing."},
    "duplicate": {
        "fr": "La clé « {key} » est déjà à la ligne {first} : gardez-en une.",
        "en": "The key “{key}” is already on line {first}: keep one.",
    },
    "type": {
        "fr": "La valeur ({found}) n’est pas de la bonne sorte.",
        "en": "The value ({found}) is of the wrong kind.",
    },
    "empty": {"fr": "La valeur est vide.", "en": "The value is empty."},
    "bool_as_text": {
        "fr": "« {value} » est lu comme vrai ou faux : mettez-le entre guillemets.",
        "en": "“{value}” reads as true or false: put it in quotes.",
    },
    "choice": {
        "fr": "« {found} » n’est pas un choix possible.{hint_fr}",
        "en": "“{found}” is not a possible choice.{hint_en}",
    },
    "length": {
        "fr": "La liste a {found} éléments au lieu de {least} à {most}.",
        "en": "The list has {found} items instead of {least} to {most}.",
    },
    "day": {"fr": "« {found} » n’est pas un jour.", "en": "“{found}” is not a day."},
    "colour": {"fr": "« {found} » n’est pas une couleur.", "en": "“{found}” is not a colour."},
    "hashtag": {"fr": "« {found} » n’est pas un mot-dièse.", "en": "“{found}” is not a hashtag."},
    "identifier": {"fr": "« {found} » ne peut pas servir d’identifiant.", "en": "“{found}” can't be an identifier."},
    "pattern": {
        "fr": "Le motif « {found} » est mal formé : {detail}.",
        "en": "The pattern “{found}” is malformed: {detail}.",
    },
    "runs_away": {
        "fr": "Le motif « {found} » pourrait chercher sans fin : {part} se répète de plusieurs façons à la fois.",
        "en": "The pattern “{found}” could search for ever: {part} repeats in several ways at once.",
    },
    "group": {
        "fr": "« {found} » renvoie à un groupe que le motif n’a pas.",
        "en": "“{found}” refers to a group that the pattern doesn't have.",
    },
    "formula": {
        "fr": "La formule « {found} » ne se calcule pas : {detail}.",
        "en": "The formula “{found}” can't be worked out: {detail}.",
    },
    "left_aside": {
        "fr": "La clé « {key} » est laissée de côté ; la règle s’applique sans elle.",
        "en": "The key “{key}” is left aside; the rule applies without it.",
    },
    "column": {
        "fr": "Il manque une colonne : celle de ce qu’il faut dire, ou celle de ce qu’il ne faut pas dire.",
        "en": "A column is missing: that of what to say, or that of what not to say.",
    },
    "not_taken": {
        "fr": "« {found} » n’est pas repris : cette règle ne s’applique pas ici.",
        "en": "“{found}” is not taken: this rule does not apply here.",
    },
    "example": {
        "fr": "La règle « {rule} » ne tient pas son exemple « {text} » : {got}.",
        "en": "The rule “{rule}” does not keep its example “{text}”: {got}.",
    },
    "parallel": {
        "fr": "{say} mots à dire pour {instead} à remplacer : donnez-en un seul, ou un pour chacun.",
        "en": "{say} words to say for {instead} to replace: give a single one, or one for each.",
    },
    "repeated": {
        "fr": "« {found} » est déjà à la ligne {first} : deux consignes pour un même mot.",
        "en": "“{found}” is already on line {first}: two instructions for one word.",
    },
    "circular": {
        "fr": "« {found} » n’est pas à dire, mais la charte le fait dire ailleurs : « {said} ».",
        "en": "“{found}” is not to be said, but the charter has it said elsewhere: “{said}”.",
    },
}

EXPECTED: dict[str, dict[str, str]] = {
    "yaml": {"fr": "du YAML : « clé: valeur », retraits par espaces", "en": "YAML: “key: value”, indented by spaces"},
    "utf8": {"fr": "du texte en UTF-8", "en": "text in UTF-8"},
    "text": {"fr": "attendu : un texte", "en": "expected: text"},
    "flag": {"fr": "attendu : true ou false", "en": "expected: true or false"},
    "number": {"fr": "attendu : un nombre", "en": "expected: a number"},
    "whole": {"fr": "attendu : un nombre entier", "en": "expected: a whole number"},
    "list": {
        "fr": "attendu : une liste, un élément par ligne après un tiret",
        "en": "expected: a list, one item a line after a dash",
    },
    "table": {"fr": "attendu : une table « clé: valeur »", "en": "expected: a table “key: value”"},
    "choice": {"fr": "au choix : {choices}", "en": "one of: {choices}"},
    "keys": {"fr": "clés possibles : {keys}", "en": "possible keys: {keys}"},
    "length": {"fr": "attendu : de {least} à {most} éléments", "en": "expected: {least} to {most} items"},
    "colour": {"fr": "attendu : « #rrvvbb » entre guillemets", "en": 'expected: "#rrggbb" in quotes'},
    "day": {"fr": "attendu : un jour, comme 2026-03-15", "en": "expected: a day, such as 2026-03-15"},
    "hashtag": {"fr": "attendu : « #MotDièse » entre guillemets", "en": 'expected: "#OneWord" in quotes'},
    "identifier": {
        "fr": "attendu : minuscules, chiffres, points et tirets",
        "en": "expected: lower case, digits, dots and hyphens",
    },
    "columns": {
        "fr": "attendu en première ligne : « dire » et « ne pas dire », et si l’on veut « pourquoi »",
        "en": "expected on the first line: “say” and “don't say”, and “why” if you like",
    },
    "points": {"fr": "extensions reprises : {choices}", "en": "extension points taken: {choices}"},
    "scopes": {"fr": "portées reprises : {choices}", "en": "scopes taken: {choices}"},
    "formula": {"fr": "grandeurs : {figures}", "en": "figures: {figures}"},
    "pattern": {"fr": "attendu : une expression régulière simple", "en": "expected: a simple regular expression"},
}
