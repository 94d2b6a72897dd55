"""What `doctor` can find wrong with the installation: id → level, what it is, what to do; in French and in English.

What can be wrong with what the town does in it stands in `town_words.py`.
"""

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


INSTALLATION: Mapping[str, Kind] = {
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
}
