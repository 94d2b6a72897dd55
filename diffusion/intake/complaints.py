"""What can be wrong with a source, in French and in English: what it is, and what to do next.

A complaint travels as a code and its facts; it is worded here, for whoever reads it, when they read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

WORDS: dict[str, tuple[str, str]] = {
    # what came is no source
    "empty": (
        "Il n’y a rien à lire : le contenu est vide. Vérifiez l’adresse auprès de qui la publie.",
        "There is nothing to read: the content is empty. Check the address with its publisher.",
    ),
    "html_page": (
        "C’est une page web, pas un flux. Flux qu’elle annonce : {links}.",
        "This is a web page, not a feed. Feeds it announces: {links}.",
    ),
    "not_a_feed": (
        "Ce contenu n’est ni un flux (RSS, Atom, JSON Feed) ni un calendrier (iCalendar). Vérifiez l’adresse.",
        "This is neither a feed (RSS, Atom, JSON Feed) nor a calendar (iCalendar). Check the address.",
    ),
    "entities": (
        "Ce document déclare des entités XML qui s’emboîtent : il est refusé, car il peut saturer la machine. "
        "Demandez à qui le publie de les retirer.",
        "This document declares XML entities that nest: it is refused, since it can exhaust the "
        "machine. Ask its publisher to remove them.",
    ),
    "too_deep": (
        "Ce document emboîte ses éléments trop profondément : il n’a pas été lu. Prévenez qui le publie.",
        "This document nests its elements too deeply: it was not read. Tell its publisher.",
    ),
    # what came is a source, with faults
    "no_entries": (
        "Le format est reconnu ({format}), mais il ne contient aucun élément.",
        "The format is recognised ({format}), but it holds no entry.",
    ),
    "truncated": (
        "Le document s’arrête au milieu. Les éléments complets sont pris, la fin sera relue à la prochaine visite.",
        "The document stops in the middle. Whole entries are taken, the rest will be read on the next visit.",
    ),
    "malformed": (
        "Le document n’est pas bien formé ({detail}). Il a été lu au mieux ; prévenez qui le publie.",
        "The document is not well-formed ({detail}). It was read as well as can be; tell its publisher.",
    ),
    "junk_before": (
        "Autre chose précède le flux (« {text} ») et a été ignoré. Prévenez qui le publie.",
        "Something else precedes the feed (“{text}”) and was ignored. Tell its publisher.",
    ),
    "encoding": (
        "Le codage annoncé ({declared}) n’est pas le bon : le texte a été lu en {used}. Relisez les accents.",
        "The declared encoding ({declared}) is wrong: the text was read as {used}. Check accented letters.",
    ),
    "control_characters": (
        "Des caractères de commande interdits (NUL et autres) ont été retirés.",
        "Forbidden control characters (NUL and others) were removed.",
    ),
    "too_big": (
        "Le contenu dépasse {limit} Mio. Seul son début a été lu, ses éléments complets sont pris. "
        "Demandez un flux des seules nouvelles récentes.",
        "The content is over {limit} MiB. Only its beginning was read, whole entries of it are taken. "
        "Ask for a feed of recent news only.",
    ),
    "too_many": (
        "Il y a {count} éléments : les {limit} plus récents sont pris. Demandez un flux des seules nouvelles récentes.",
        "There are {count} entries: the {limit} most recent are taken. Ask for a feed of recent news only.",
    ),
    "too_long": (
        "Le contenu de cet élément dépasse {limit} caractères : la fin est coupée ici, pas dans l’original.",
        "This entry is over {limit} characters: its end is cut off here, not in the original.",
    ),
    "too_slow": (
        "La lecture a pris trop de temps et a été arrêtée ; ce qui était lu est pris. Prévenez qui le publie.",
        "Reading took too long and was stopped; what had been read is taken. Tell its publisher.",
    ),
    "too_heavy": (
        "La lecture a demandé trop de mémoire et a été arrêtée ; ce qui était lu est pris. Prévenez qui le publie.",
        "Reading took too much memory and was stopped; what had been read is taken. Tell its publisher.",
    ),
    "unreadable": (
        "Le lecteur a échoué sur ce contenu ({detail}) ; ce qui était lu est pris. Signalez-le-nous.",
        "The reader failed on this content ({detail}); what had been read is taken. Please report it to us.",
    ),
    "bad_entry": (
        "Un élément est illisible ({detail}) et a été laissé de côté ; les autres sont pris.",
        "An entry can’t be read ({detail}) and was left aside; the others are taken.",
    ),
    "empty_entry": (
        "{count} élément(s) sans titre, ni texte, ni lien, ni date, ni image ont été laissés de côté.",
        "{count} entries without title, text, link, date or picture were left aside.",
    ),
    "no_id": (
        "{count} élément(s) n’ont pas d’identifiant : il est tiré de leur lien ou de leur titre.",
        "{count} entries have no identifier: it is derived from their link or their title.",
    ),
    "same_id": (
        "Plusieurs éléments différents portent l’identifiant « {id} » : leur lien les distingue.",
        "Several different entries carry the identifier “{id}”: their link tells them apart.",
    ),
    "bad_date": (
        "La date « {value} » n’a pas pu être lue : elle est laissée vide.",
        "The date “{value}” can’t be read: it is left empty.",
    ),
    "bad_link": (
        "Le lien « {value} » n’est pas une adresse web : il a été retiré.",
        "The link “{value}” is no web address: it was removed.",
    ),
    "cleaned": (
        "Du contenu actif ou caché a été retiré de cet élément : {kinds}.",
        "Active or hidden content was removed from this entry: {kinds}.",
    ),
    "bad_rule": (
        "La règle de répétition n’a pas pu être lue ({detail}) : seule la première date est prise.",
        "The recurrence rule can’t be read ({detail}): only the first date is taken.",
    ),
    "unknown_zone": (
        "Le fuseau « {zone} » est inconnu : les heures sont lues en {used}.",
        "The time zone “{zone}” is unknown: hours are read as {used}.",
    ),
    "many_dates": (
        "Cet événement se répète trop souvent : ses {limit} premières dates sont prises.",
        "This event repeats too often: its first {limit} dates are taken.",
    ),
    "end_before_start": (
        "La fin précède le début : elle est laissée vide.",
        "The end is before the start: it is left empty.",
    ),
    # nothing came, or not all
    "no_such_file": (
        "Le fichier « {path} » ne peut pas être lu ({detail}).",
        "The file “{path}” can’t be read ({detail}).",
    ),
    "bad_address": (
        "« {url} » n’est pas une adresse web complète, comme https://ville.example/flux.",
        "“{url}” is not a whole web address such as https://town.example/feed.",
    ),
    "address_forbidden": (
        "« {host} » est une adresse privée ou interdite ({reason}) : rien n’a été envoyé. Si elle est voulue, "
        "l’exploitant l’ajoute à DIFFUSION_PRIVATE_HOSTS.",
        "“{host}” is a private or forbidden address ({reason}): nothing was sent. If it is meant, the operator "
        "adds it to DIFFUSION_PRIVATE_HOSTS.",
    ),
    "unreachable": (
        "Le serveur ne répond pas. Nouvel essai plus tard ; si cela dure, vérifiez l’adresse.",
        "The server can’t be reached. It will be tried again later; if it lasts, check the address.",
    ),
    "slow": (
        "Le serveur met trop de temps à répondre : lecture arrêtée. Nouvel essai plus tard.",
        "The server takes too long to answer: reading was stopped. It will be tried again later.",
    ),
    "cut": (
        "La connexion a été coupée avant la fin. Nouvel essai plus tard.",
        "The connection was cut before the end. It will be tried again later.",
    ),
    "too_many_redirects": (
        "L’adresse renvoie sans fin vers d’autres. Demandez l’adresse définitive à qui la publie.",
        "The address redirects without end. Ask its publisher for the final one.",
    ),
    "gone": (
        "Cette source a été supprimée par qui la publiait (410). Elle n’est plus visitée ; retirez-la ou remplacez-la.",
        "This source was removed by its publisher (410). It is no longer visited; remove or replace it.",
    ),
    "not_found": (
        "Il n’y a rien à cette adresse ({status}). Vérifiez-la auprès de qui la publie.",
        "There is nothing at this address ({status}). Check it with its publisher.",
    ),
    "sign_in": (
        "L’accès est refusé ({status}) : cette source demande une autorisation. Demandez une adresse ouverte.",
        "Access is denied ({status}): this source wants authorisation. Ask for an open address.",
    ),
    "rate_limited": (
        "Le serveur demande d’attendre ({status}). Nouvel essai à l’heure qu’il indique.",
        "The server asks to wait ({status}). It will be tried again when it says.",
    ),
    "server_error": (
        "Le serveur est en panne ({status}). Nouvel essai plus tard.",
        "The server is out of order ({status}). It will be tried again later.",
    ),
    "unexpected": (
        "Le serveur a donné une réponse inattendue ({status}). Vérifiez l’adresse.",
        "The server gave an unexpected answer ({status}). Check the address.",
    ),
    "wrong_type": (
        "C’est un contenu de type « {type} », ni un flux ni un calendrier. Vérifiez l’adresse.",
        "This is content of type “{type}”, neither a feed nor a calendar. Check the address.",
    ),
}

KINDS: dict[str, tuple[str, str]] = {
    "hidden": ("caractères invisibles ou trompeurs", "invisible or deceptive characters"),
    "script": ("scripts ou contenus incorporés", "scripts or embedded content"),
    "handlers": ("gestionnaires d’événements", "event handlers"),
    "style": ("feuilles de style", "style sheets"),
    "tracker": ("images espionnes", "tracking pixels"),
    "nesting": ("balises emboîtées à l’excès", "excessively nested markup"),
}


def message(code: str, facts: Mapping[str, Any] | None = None, language: str = "fr") -> str:
    """The sentence for a complaint, in `fr` or `en`; a fact that is missing shows as an ellipsis."""
    place = 0 if language.startswith("fr") else 1
    words = WORDS[code][place]
    given = {name: "…" for _, name, _, _ in Formatter().parse(words) if name} | dict(facts or {})
    if code == "cleaned":
        given["kinds"] = ", ".join(KINDS[kind][place] for kind in given["kinds"])
    if code == "html_page":
        given["links"] = ", ".join(given["links"]) or ("aucun", "none")[place]
    return words.format(**given)
