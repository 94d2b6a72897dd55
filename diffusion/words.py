"""The sentences of `errors.py`: code → (French, English). What happened, what is safe, what to do."""

from diffusion.outcome_words import OUTCOMES

WORDS: dict[str, tuple[str, str]] = {
    **OUTCOMES,
    # people and verbs
    "not_yours": ("Cette page n’existe pas, ou n’est pas pour vous.", "This page does not exist, or is not for you."),
    "needs_role": (
        "Il faut le rôle « {role} » pour cela. Demandez à l’administration.",
        "This needs the role “{role}”. Ask an administrator.",
    ),
    "own_message": (
        "On n’approuve pas seul ce qu’on a écrit. Demandez à une autre personne.",
        "Nobody approves alone what they wrote. Ask another person.",
    ),
    "already_decided": ("{by} a déjà répondu à {at}.", "{by} already answered at {at}."),
    "changed_since": (
        "Le message a changé depuis la demande. Relisez ce qui diffère, puis décidez.",
        "The message changed since you were asked. Read what differs, then decide.",
    ),
    "not_approved": ("Le message attend encore une approbation.", "The message still waits for approval."),
    "has_faults": (
        "{count} version(s) à corriger avant de programmer.",
        "{count} version(s) to correct before scheduling.",
    ),
    "nobody_to_ask": (
        "Personne ne peut approuver pour cette direction. Donnez ce rôle à quelqu’un.",
        "Nobody may approve for this directorate. Give somebody that role.",
    ),
    "no_accounts": ("Aucun compte pour ces niveaux. Connectez-en un.", "No account for these levels. Connect one."),
    "time_missing": (
        "Cette heure n’existe pas : l’horloge avance de {before} à {after} ce jour-là. Choisissez {earlier} ou {later}.",
        "This time does not exist: the clock goes from {before} to {after} that day. Choose {earlier} or {later}.",
    ),
    "time_doubled": (
        "Cette heure existe deux fois ce jour-là. Choisissez {first} (heure d’été) ou {second} (heure d’hiver).",
        "This time happens twice that day. Choose {first} (summer time) or {second} (winter time).",
    ),
    "date_missing": (
        "La date {date} n’existe pas. Le plus proche : {nearest}.",
        "The date {date} does not exist. The nearest: {nearest}.",
    ),
    "time_past": (
        "{at} est passé. Le plus tôt possible : {nearest}.",
        "{at} has passed. The earliest possible: {nearest}.",
    ),
    "time_blackout": (
        "Rien ne part à ce moment ({reason}). Le plus tôt après : {nearest}.",
        "Nothing goes out at that time ({reason}). The earliest after: {nearest}.",
    ),
    "time_unreadable": (
        "« {given} » n’est pas une date. Exemple : {example}.",
        "“{given}” is not a date. Example: {example}.",
    ),
    "edited_elsewhere": (
        "{by} a enregistré une autre révision à {at}. Comparez, puis choisissez ; rien n’est écrasé.",
        "{by} saved another revision at {at}. Compare, then choose; nothing is overwritten.",
    ),
    "already_sent": (
        "C’est déjà parti. Pour changer, corrigez ou retirez.",
        "It has gone out already. To change it, correct or withdraw.",
    ),
    "not_in_this_state": (
        "Ce n’est plus possible : la diffusion est « {state} ».",
        "No longer possible: the delivery is “{state}”.",
    ),
    "held": (
        "Tout est suspendu par {by}. Levez la suspension d’abord.",
        "Everything is on hold by {by}. Lift the hold first.",
    ),
    "campaign_too_long": (
        "Un nom de campagne a {limit} signes au plus.",
        "A campaign’s name has {limit} characters at most.",
    ),
    "already_held": ("La suspension est déjà en place.", "The hold is already in force."),
    "not_braked": (
        "Rien n’attendait votre oui : quelqu’un d’autre a déjà décidé.",
        "Nothing waited for your yes: somebody else has decided already.",
    ),
    "not_refused": (
        "Plus rien de cela n’est refusé : quelqu’un d’autre l’a déjà fait.",
        "None of this is refused any more: somebody else did it already.",
    ),
    "not_held": ("Rien n’est suspendu.", "Nothing is on hold."),
    "reason_needed": ("Dites pourquoi, en une phrase.", "Say why, in one sentence."),
    "no_places": (
        "Aucun lieu dans ce fichier. Il faut un CSV avec une colonne nom_voie ou name.",
        "No place stands in this file. It takes a CSV with a column nom_voie or name.",
    ),
    "zone_unknown": (
        "« {given} » n’est pas un fuseau horaire. Exemple : Europe/Paris.",
        "“{given}” is no time zone. Example: Europe/Paris.",
    ),
    "brand_needed": ("Créez d’abord une marque.", "Make a brand first."),
    "change_gone": (
        "Ce passage a changé depuis. Rechargez la page : rien n’est perdu.",
        "This passage has changed since. Load the page again: nothing is lost.",
    ),
    "already_declined": (
        "Quelqu’un l’a écartée entre-temps, et qui l’a envoyée le sait. Reprenez-la d’abord parmi les propositions écartées.",
        "Somebody declined it meanwhile, and its sender knows. Take it back first, from among those declined.",
    ),
    "already_taken": (
        "Un message en a déjà été fait. Écartez le message si besoin.",
        "A message was made of it already. Set that message aside if need be.",
    ),
    "title_needed": ("Donnez un titre.", "Give a title."),
    "level_needed": ("Choisissez au moins un niveau.", "Choose one level at least."),
    "internal_only": (
        "« {directorate} » ne parle qu’aux agents. Choisissez le seul niveau interne.",
        "“{directorate}” speaks to agents only. Choose the internal level alone.",
    ),
    "address_invalid": ("« {given} » n’est pas une adresse de courriel.", "“{given}” is not an e-mail address."),
    "address_taken": ("{given} est déjà dans l’annuaire.", "{given} is in the directory already."),
    "url_invalid": (
        "« {given} » n’est pas une adresse complète. Exemple : https://exemple.fr/flux.xml",
        "“{given}” is not a whole address. Example: https://example.org/feed.xml",
    ),
    "name_taken": (
        "« {given} » est déjà pris. Choisissez un autre nom court.",
        "“{given}” is taken. Choose another short name.",
    ),
    "channel_unknown": (
        "Le canal « {given} » n’existe pas. Il y a : {known}.",
        "There is no channel “{given}”. There are: {known}.",
    ),
    "rehearsal_off": (
        "La répétition est éteinte : DIFFUSION_REHEARSAL=true la met en route. Ce qui attend repart alors seul.",
        "Rehearsal is off: DIFFUSION_REHEARSAL=true starts it. What waits then goes on by itself.",
    ),
    "rehearsal_unknown": (
        "Le canal « {given} » ne se répète pas. Il y a : {known}.",
        "Channel “{given}” can’t be rehearsed. There are: {known}.",
    ),
    "rehearsal_elsewhere": (
        "Une répétition ne quitte pas cette machine : « {given} » n’en est pas une adresse.",
        "A rehearsal does not leave this machine: “{given}” is no address of it.",
    ),
    "channel_silent": (
        "Le canal « {given} » compte et ajuste, mais ne publie pas encore.",
        "Channel “{given}” counts and fits, but does not publish yet.",
    ),
    "credentials_incomplete": ("Il manque : {fields}.", "Missing: {fields}."),
    "credentials_wrong": ("Ne convient pas : {fields}.", "Not as it should be: {fields}."),
    "unknown_thing": ("« {given} » n’existe pas. Il y a : {known}.", "There is no “{given}”. There are: {known}."),
    "link_spent": (
        "Ce lien a déjà servi ou a expiré. Demandez-en un autre.",
        "This link was used already or has expired. Ask for another.",
    ),
    "last_administrator": (
        "C’est la dernière personne qui administre : donnez d’abord ce rôle à une autre.",
        "This is the last administrator: first give that role to somebody else.",
    ),
    "reader_unknown": (
        "« {given} » n’est pas sur cette liste. Regardez l’adresse, lettre par lettre.",
        "“{given}” is not on this list. Look at the address, letter by letter.",
    ),
    "too_many_lines": (
        "Plus de {limit} lignes d’un coup. Collez la liste en plusieurs fois : rien n’a été pris.",
        "More than {limit} lines at once. Paste the list in parts: nothing was taken.",
    ),
    "line_decided": (
        "Quelqu’un a déjà tranché pour cet envoi. Rechargez la page.",
        "Somebody decided about this mail already. Load the page again.",
    ),
    "note_needed": (
        "Dites ce qui a été fait, en une phrase : elle sert d’accusé.",
        "Say what was done, in one sentence: it is the receipt.",
    ),
    "nothing_by_hand": (
        "Rien n’attend une main ici : quelqu’un l’a déjà noté, ou Diffusion s’en occupe.",
        "Nothing waits for a hand here: somebody noted it already, or Diffusion is at it.",
    ),
    "by_hand": (
        "À faire à la main sur le canal, puis à noter ici.",
        "To be done by hand on the channel, then noted here.",
    ),
    "unsettled": (
        "Attend qu’on sache si la diffusion est sortie.",
        "Waits until it is known whether it went out.",
    ),
    "nothing_differs": (
        "Rien n’attend ici : personne n’a vu de différence, ou quelqu’un a déjà répondu.",
        "Nothing waits here: nothing was seen to differ, or somebody has answered already.",
    ),
    "cannot_be_put_back": (
        "Le texte ne peut pas y être remis : le canal ne le permet pas, ou une correction ou un retrait attend déjà.",
        "The text can’t be put back: the channel does not allow it, or a correction or a withdrawal waits already.",
    ),
    "cannot_go_again": (
        "Elle ne peut pas repartir telle quelle : le message a changé depuis, son retrait est demandé, ou c’est une lettre.",
        "It can’t go again as it is: the message has changed since, its withdrawal was asked for, or it is a letter.",
    ),
    "internal_late": (
        "L’interne a plus d’un quart d’heure de retard, et le public l’attend. Regardez ce qui le retient, ou annulez-le.",
        "The internal version is more than a quarter of an hour late, and the public waits for it. See what keeps it, or cancel it.",
    ),
    "left_as_it_is": ("Laissée telle quelle, par choix.", "Left as it is, by choice."),
    "too_often": ("Trop d’essais. Recommencez dans une minute.", "Too many tries. Try again in a minute."),
    "list_closed": ("Cette lettre ne prend pas d’inscriptions.", "This letter takes no subscriptions."),
    "letter_not_public": (
        "Pas publique : vous seuls y inscrivez quelqu’un.",
        "Not public: you alone put people on it.",
    ),
    "internal_only_now": ("Sa direction ne parle plus qu’aux agents.", "Its directorate now speaks to agents only."),
    "absence_backwards": ("L’absence finit avant de commencer.", "The absence ends before it starts."),
    "deputy_is_oneself": (
        "On ne se supplée pas soi-même. Choisissez une autre personne.",
        "Nobody stands in for themselves. Choose somebody else.",
    ),
    # machines and terminals
    "person_unknown": (
        "Personne n’a l’adresse « {given} ». Ajoutez-la : diffusion person add",
        "Nobody has the address “{given}”. Add them: diffusion person add",
    ),
    "delivery_unknown": ("Il n’y a pas de diffusion « {given} ».", "There is no delivery “{given}”."),
    "key_reused": (
        "La clé « {key} » a déjà servi pour un autre contenu. Prenez une nouvelle clé pour chaque contenu.",
        "Key “{key}” was used already for other content. Take a new key for each content.",
    ),
}
