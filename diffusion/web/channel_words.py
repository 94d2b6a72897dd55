"""What channels declare of their credentials, in French. Channels speak English and know no reader; others' keep theirs."""

FRENCH: dict[str, str] = {
    "Server": "Serveur",
    "The server's address, such as https://mastodon.example": "L'adresse du serveur, par exemple https://mastodon.example",
    "Access token": "Jeton d'accès",
    "Preferences › Development › New application, with the rights write:statuses, write:media, read:statuses and "
    "read:accounts": "Préférences › Développement › Nouvelle application, avec les droits write:statuses, write:media, "
    "read:statuses et read:accounts",
    "Visibility": "Visibilité",
    "Who sees the posts; unlisted stays out of public timelines": "Qui voit les publications ; « non listé » reste hors "
    "des fils publics",
    "public": "Public",
    "unlisted": "Non listé",
    "private": "Abonnés seulement",
    "Relay": "Relais",
    "The mail relay's name, such as smtp.val-clair.example": "Le nom du relais de courriel, par exemple "
    "smtp.val-clair.example",
    "Port": "Port",
    "587 with STARTTLS, 465 with TLS, 25 inside a house": "587 avec STARTTLS, 465 avec TLS, 25 à l'intérieur d'un réseau",
    "Encryption": "Chiffrement",
    "None only without a user name, or to a host that the operator listed": "Aucun : seulement sans identifiant, ou vers "
    "un hôte que l'exploitation a inscrit",
    "starttls": "STARTTLS",
    "tls": "TLS",
    "none": "Aucun",
    "User name": "Identifiant",
    "Empty where the relay knows us by our address": "Vide si le relais nous reconnaît à notre adresse",
    "Password": "Mot de passe",
    "Kept encrypted": "Gardé chiffré",
    "Sender's address": "Adresse d'expédition",
    "Such as lettre@val-clair.example": "Par exemple lettre@val-clair.example",
    "Sender's name": "Nom d'expédition",
    "As people see it beside the address": "Comme on le lit à côté de l'adresse",
    "Answers to": "Réponses à",
    "A mailbox that somebody reads": "Une boîte que quelqu'un lit",
    "Bounce domain": "Domaine des retours",
    "Each mail gets its own return address there; empty: bounces come to the sender's address": "Chaque courriel y reçoit "
    "son adresse de retour ; vide : les retours arrivent à l'adresse d'expédition",
    "The relay drops duplicates": "Le relais écarte les doublons",
    "It drops a second copy with the same Message-ID, as Cyrus IMAP's duplicate suppression does. Then a mail in doubt "
    "is sent again, and nobody has to decide": "Il écarte une seconde copie de même Message-ID, comme Cyrus IMAP. Un "
    "courriel incertain est alors renvoyé, et personne n'a à trancher",
    "Site": "Site",
    "The site's address, such as https://www.val-clair.example": "L'adresse du site, par exemple "
    "https://www.val-clair.example",
    "The login of a user who may publish, not the password's label": "L'identifiant d'une personne qui peut publier, pas "
    "le nom du mot de passe",
    "Application password": "Mot de passe d'application",
    "In WordPress: Users › Profile › Application Passwords": "Dans WordPress : Comptes › Profil › Mots de passe "
    "d'application",
    "Feed title": "Titre du flux",
    "Empty: the account's name": "Vide : le nom du compte",
}
