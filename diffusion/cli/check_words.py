"""What `doctor` can find: id → level, what it is, what to do; in French and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.core import checks

ERROR, WARNING, INFO = checks.ERROR, checks.WARNING, checks.INFO


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that can be wrong; each sentence is (French, English) and is filled with facts."""

    level: int
    what: tuple[str, str]
    hint: tuple[str, str]


KINDS: Mapping[str, Kind] = {
    # settings
    "S001": Kind(
        ERROR,
        ("Réglage : {problem}", "Setting: {problem}"),
        ("diffusion settings montre tout ce qui est en vigueur.", "diffusion settings shows all that is in force."),
    ),
    "S002": Kind(
        WARNING,
        ("Les pages d’erreur montrent le code (DIFFUSION_DEBUG).", "Error pages show the source (DIFFUSION_DEBUG)."),
        (
            "Retirez ce réglage dès que d’autres que vous voient les pages.",
            "Remove it once others than you see the pages.",
        ),
    ),
    "S003": Kind(
        WARNING,
        ("L’adresse publique {url} n’est pas en https.", "The public address {url} is not https."),
        (
            "Mettez un serveur mandataire avec TLS devant, et DIFFUSION_BASE_URL en https.",
            "Put a reverse proxy with TLS before it, and make DIFFUSION_BASE_URL https.",
        ),
    ),
    "S004": Kind(
        WARNING,
        (
            "Aucun relais de courriel : {count} courriel(s) attendent dans {folder}, personne ne les reçoit.",
            "No mail relay: {count} mail(s) lie in {folder}, nobody gets them.",
        ),
        ("Donnez DIFFUSION_EMAIL_URL.", "Give DIFFUSION_EMAIL_URL."),
    ),
    "S005": Kind(
        INFO,
        ("Les serveurs de répétition sont proposés comme canaux.", "The rehearsal servers are offered as channels."),
        ("Retirez DIFFUSION_REHEARSAL en production.", "Remove DIFFUSION_REHEARSAL in production."),
    ),
    # the home
    "H001": Kind(
        ERROR,
        ("Le dossier {path} ne peut pas être écrit.", "The folder {path} can’t be written."),
        ("Donnez-le au compte qui lance Diffusion.", "Give it to the user who runs Diffusion."),
    ),
    "H002": Kind(
        WARNING,
        ("D’autres peuvent lire {path} (droits {mode}).", "Others can read {path} (mode {mode})."),
        ("chmod go= {path}", "chmod go= {path}"),
    ),
    "H003": Kind(
        WARNING,
        ("Il reste {free} Mio sous {path}.", "{free} MiB are left under {path}."),
        ("Faites de la place avant que la base ne puisse plus écrire.", "Make room before the database can’t write."),
    ),
    "H004": Kind(
        ERROR,
        ("Il ne reste que {free} Mio sous {path}.", "Only {free} MiB are left under {path}."),
        (
            "Faites de la place maintenant : rien ne part sans pouvoir être noté.",
            "Make room now: nothing goes out that can’t be noted.",
        ),
    ),
    # the database, the broker, the clock
    "D001": Kind(
        ERROR,
        ("La base ne répond pas : {fault}", "The database does not answer: {fault}"),
        (
            "Vérifiez DIFFUSION_DATABASE_URL et que le serveur tourne.",
            "Check DIFFUSION_DATABASE_URL, and that the server runs.",
        ),
    ),
    "D002": Kind(
        ERROR,
        ("{count} migration(s) à appliquer.", "{count} migration(s) to apply."),
        ("diffusion migrate", "diffusion migrate"),
    ),
    "D003": Kind(
        ERROR,
        (
            "L’horloge de cette machine et celle de la base diffèrent de {seconds} s.",
            "This machine’s clock and the database’s differ by {seconds} s.",
        ),
        ("Réglez NTP sur les deux machines.", "Set up NTP on both machines."),
    ),
    "B001": Kind(
        ERROR,
        ("Le courtier ne répond pas : {fault}", "The broker does not answer: {fault}"),
        (
            "Rien n’est perdu : tout repart dès qu’il revient. Vérifiez DIFFUSION_BROKER_URL.",
            "Nothing is lost: all goes on once it is back. Check DIFFUSION_BROKER_URL.",
        ),
    ),
    "B002": Kind(
        WARNING,
        (
            "La base est un serveur, mais le courtier est la mémoire du processus : des machines à part ne s’entendent pas.",
            "The database is a server, but the broker is the process’s own memory: machines apart don’t hear each other.",
        ),
        (
            "Donnez DIFFUSION_BROKER_URL, sauf si « diffusion up » fait tout.",
            "Give DIFFUSION_BROKER_URL, unless `diffusion up` does it all.",
        ),
    ),
    # the authority
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
    # mail
    "M001": Kind(
        ERROR,
        ("Le relais de courriel ne nous prend pas : {fault}", "The mail relay does not let us in: {fault}"),
        (
            "Vérifiez DIFFUSION_EMAIL_URL. Les courriels attendent un jour au plus, puis se perdent.",
            "Check DIFFUSION_EMAIL_URL. Mails wait for a day at most, then they are lost.",
        ),
    ),
    "M002": Kind(
        WARNING,
        (
            "{domain} n’a pas de SPF : des boîtes refuseront nos courriels.",
            "{domain} has no SPF: mailboxes will refuse us.",
        ),
        (
            "Publiez un enregistrement TXT « v=spf1 … » qui nomme votre relais.",
            "Publish a TXT record “v=spf1 …” that names your relay.",
        ),
    ),
    "M003": Kind(
        WARNING,
        ("{domain} a {count} SPF : aucun ne compte.", "{domain} has {count} SPF records: none of them counts."),
        ("Réunissez-les en un seul (RFC 7208, 3.2).", "Make them one (RFC 7208, 3.2)."),
    ),
    "M004": Kind(
        WARNING,
        ("{domain} n’a pas de clé DKIM.", "{domain} has no DKIM key."),
        (
            "Faites signer votre relais, et publiez sa clé sous _domainkey.",
            "Let your relay sign, and publish its key below _domainkey.",
        ),
    ),
    "M005": Kind(
        WARNING,
        ("{domain} n’a pas de règle DMARC.", "{domain} has no DMARC policy."),
        (
            "Publiez un TXT à _dmarc, d’abord « v=DMARC1; p=none; rua=mailto:… ».",
            "Publish a TXT at _dmarc, at first “v=DMARC1; p=none; rua=mailto:…”.",
        ),
    ),
    "M006": Kind(
        INFO,
        (
            "Le DNS ne répond pas ici : SPF, DKIM et DMARC ne sont pas vérifiés.",
            "The DNS does not answer here: SPF, DKIM and DMARC are not checked.",
        ),
        (
            "Regardez-les d’ailleurs : dig TXT domaine, dig TXT _dmarc.domaine",
            "Look from elsewhere: dig TXT domain, dig TXT _dmarc.domain",
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
    "P001": Kind(
        WARNING,
        ("Personne n’administre : nul ne peut donner de rôle.", "Nobody administers: no role can be given."),
        (
            "diffusion person add NOM ADRESSE --role administrator",
            "diffusion person add NAME EMAIL --role administrator",
        ),
    ),
}
