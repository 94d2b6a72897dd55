"""What `doctor` can find wrong with what the town does: its accounts, sources, deliveries and people. As `check_words.py`."""

from __future__ import annotations

from collections.abc import Mapping

from diffusion.cli.check_words import ERROR, INFO, WARNING, Kind

TOWN: Mapping[str, Kind] = {
    "A001": Kind(
        WARNING,
        ("Le compte « {name} » est en pause depuis {since} : {why}", "Account “{name}” is paused since {since}: {why}"),
        ("diffusion account reconnect {slug}, ou resume", "diffusion account reconnect {slug}, or resume"),
    ),
    "A003": Kind(
        INFO,
        (
            "Le compte « {name} » est en répétition, et la répétition est éteinte : ses diffusions attendent.",
            "Account “{name}” rehearses, and rehearsal is off: its deliveries wait.",
        ),
        ("DIFFUSION_REHEARSAL=true la met en route.", "DIFFUSION_REHEARSAL=true starts it."),
    ),
    "A002": Kind(
        ERROR,
        (
            "Les identifiants du compte « {name} » ne se déchiffrent plus.",
            "The credentials of account “{name}” can’t be decrypted.",
        ),
        (
            "Remettez l’ancienne clé dans DIFFUSION_CREDENTIAL_KEYS, ou diffusion account reconnect {slug}.",
            "Put the earlier key back into DIFFUSION_CREDENTIAL_KEYS, or diffusion account reconnect {slug}.",
        ),
    ),
    "A004": Kind(
        WARNING,
        ("Le compte « {name} » ne répond pas bien : {why}", "Account “{name}” does not answer well: {why}"),
        (
            "Ce qui y va attend, rien n’est perdu. diffusion account probe {slug}, puis reconnect si l’accès a changé",
            "What goes there waits, nothing is lost. diffusion account probe {slug}, then reconnect if access changed",
        ),
    ),
    "A005": Kind(
        WARNING,
        ("Le compte « {name} » signale : {what}", "Account “{name}” warns: {what}"),
        (
            "Donnez-lui ce droit sur le canal, puis diffusion account probe {slug}",
            "Grant it that right on the channel, then diffusion account probe {slug}",
        ),
    ),
    "A006": Kind(
        WARNING,
        (
            "Le serveur du compte « {name} » ne répond pas : le compte se repose, {count} diffusion(s) attendent.",
            "The server of account “{name}” does not answer: the account rests, {count} delivery(ies) wait.",
        ),
        (
            "Une diffusion à la fois essaie encore, tout repart à la première réponse. diffusion account probe {slug}",
            "One delivery at a time still tries, all go on with the first answer. diffusion account probe {slug}",
        ),
    ),
    "I001": Kind(
        WARNING,
        ("La source « {name} » échoue ({failures} fois) : {why}", "Source “{name}” fails ({failures} times): {why}"),
        ("diffusion source check {url}", "diffusion source check {url}"),
    ),
    "I002": Kind(
        ERROR,
        (
            "La source « {name} » aurait dû être relevée à {since}.",
            "Source “{name}” should have been pulled at {since}.",
        ),
        (
            "Un « diffusion worker » sert-il la file intake, et un « diffusion clock » tourne-t-il ?",
            "Does a `diffusion worker` serve lane intake, and does a `diffusion clock` run?",
        ),
    ),
    "L001": Kind(
        ERROR,
        (
            "File {lane}, {serve} : {count} diffusion(s) en retard, la plus ancienne depuis {since}. Rien ne part.",
            "Lane {lane}, {serve}: {count} delivery(ies) overdue, the oldest since {since}. Nothing goes out.",
        ),
        (
            "Un « diffusion worker » sert-il cette file, et un « diffusion clock » tourne-t-il ?",
            "Does a `diffusion worker` serve this lane, and does a `diffusion clock` run?",
        ),
    ),
    "L002": Kind(
        WARNING,
        (
            "{count} diffusion(s) incertaine(s) attendent une personne.",
            "{count} uncertain delivery(ies) wait for a person.",
        ),
        ("Regardez sur le canal, puis tranchez : {url}", "Look on the channel, then decide: {url}"),
    ),
    "L003": Kind(
        WARNING,
        ("{count} diffusion(s) refusée(s) attendent une personne.", "{count} refused delivery(ies) wait for a person."),
        ("diffusion delivery list --state refused", "diffusion delivery list --state refused"),
    ),
    "L004": Kind(
        INFO,
        ("Suspension en place depuis {since} : {over}.", "On hold since {since}: {over}."),
        ("diffusion hold off{option}", "diffusion hold off{option}"),
    ),
    "L005": Kind(
        ERROR,
        (
            "{count} diffusion(s) sont restées aux mains d’un processus disparu.",
            "{count} delivery(ies) are still held by a process that is gone.",
        ),
        (
            "Un « diffusion worker » sert-il la file housekeeping, et un « diffusion clock » tourne-t-il ?",
            "Does a `diffusion worker` serve lane housekeeping, and does a `diffusion clock` run?",
        ),
    ),
    "L007": Kind(
        ERROR,
        (
            "{count} de nos propres courriels (codes, demandes, alertes) attendent depuis {since}.",
            "{count} of our own mails (codes, questions, alerts) have been waiting since {since}.",
        ),
        (
            "Le relais de DIFFUSION_EMAIL_URL répond-il, et un « diffusion worker » sert-il la file mail ?",
            "Does the relay of DIFFUSION_EMAIL_URL answer, and does a `diffusion worker` serve lane mail?",
        ),
    ),
    "L006": Kind(
        WARNING,
        (
            "{count} correction(s) ou retrait(s) attendent une personne.",
            "{count} correction(s) or withdrawal(s) wait for a person.",
        ),
        ("Leur page dit pourquoi : {url}", "Their page says why: {url}"),
    ),
    "L008": Kind(
        WARNING,
        (
            "{count} diffusion(s) freinée(s) attendent un oui : le même texte deux fois, ou beaucoup en une heure.",
            "{count} braked delivery(ies) wait for a yes: the same words twice, or many within an hour.",
        ),
        ("Dites oui, ou annulez : {url}?show=brake", "Say yes, or cancel: {url}?show=brake"),
    ),
    "C001": Kind(
        INFO,
        (
            "La charte de « {name} » demande l’orthographe, et aucun dictionnaire n’est installé ici.",
            "The charter of “{name}” asks for spelling, and no dictionary is installed here.",
        ),
        ("Sur Debian : apt install {package}", "On Debian: apt install {package}"),
    ),
    "P001": Kind(
        WARNING,
        ("Personne n’administre : nul ne peut donner de rôle.", "Nobody administers: no role can be given."),
        (
            "diffusion person add NOM ADRESSE --role administrator",
            "diffusion person add NAME EMAIL --role administrator",
        ),
    ),
}
