"""The sentences of `errors.py`: code → (French, English). What happened, what is safe, what to do."""

WORDS: dict[str, tuple[str, str]] = {
    # accounts and channels (channels.contract.Code)
    "credentials": (
        "Le canal refuse l’identification. Reconnectez le compte ; ses diffusions attendent, rien n’est perdu.",
        "The channel refuses the credentials. Reconnect the account; its deliveries wait, nothing is lost.",
    ),
    "forbidden": (
        "Le compte est reconnu, mais n’a pas le droit de publier. Donnez-lui ce droit sur le canal, puis reconnectez-le.",
        "The account is known but may not post. Grant it that right on the channel, then reconnect it.",
    ),
    "account_paused": (
        "Le compte est en pause. Ce qui l’attend part dès qu’il est reconnecté.",
        "The account is paused. What waits for it goes on once it is reconnected.",
    ),
    "account_gone": ("Ce compte n’existe plus sur le canal.", "This account no longer exists on the channel."),
    "target_gone": (
        "La publication visée n’existe plus sur le canal.",
        "The post no longer exists on the channel.",
    ),
    "text_too_long": (
        "Le texte dépasse la limite de {limit} : il y a {over} de trop.",
        "The text is over the limit of {limit} by {over}.",
    ),
    "title_too_long": (
        "Le titre dépasse la limite de {limit} caractères : il y en a {over} de trop.",
        "The title is over the limit of {limit} characters by {over}.",
    ),
    "text_empty": (
        "Le texte est vide. Écrivez au moins une phrase.",
        "The text is empty. Write one sentence at least.",
    ),
    "content_invalid": (
        "Le canal n’accepte pas ce contenu. Sa réponse est montrée ci-dessous ; corrigez la version.",
        "The channel does not take this content. Its answer is shown below; correct the version.",
    ),
    "duplicate": (
        "Le canal répond que ce texte a déjà été publié.",
        "The channel answers that this text was posted already.",
    ),
    "media_type": (
        "Le canal ne prend pas ce type d’image ({type}).",
        "The channel does not take this type of picture ({type}).",
    ),
    "media_too_large": (
        "L’image est trop lourde : {size} octets, la limite est {limit}. Réduisez-la.",
        "The picture is too large: {size} bytes, the limit is {limit}. Reduce it.",
    ),
    "media_too_many": ("Le canal prend {limit} images au plus.", "The channel takes {limit} pictures at most."),
    "media_failed": ("Le canal n’a pas pu traiter l’image.", "The channel could not process the picture."),
    "media_undescribed": (
        "Une image n’a pas de description. Décrivez-la, ou marquez-la décorative.",
        "A picture has no description. Describe it, or mark it decorative.",
    ),
    "media_not_an_image": (
        "Ce fichier n’est pas une image lisible. Prenez un JPEG, PNG, WebP ou GIF.",
        "This file is no readable picture. Use a JPEG, PNG, WebP or GIF.",
    ),
    "media_svg": (
        "Les images SVG peuvent contenir des programmes et ne sont pas prises. Exportez-la en PNG.",
        "SVG pictures can carry programs and are not taken. Export it as PNG.",
    ),
    "media_too_many_pixels": (
        "L’image a trop de pixels (limite : {limit}). Réduisez-la, par exemple à 4 000 pixels de large.",
        "The picture has too many pixels (limit: {limit}). Reduce it, for instance to 4,000 pixels wide.",
    ),
    "media_broken": (
        "L’image est abîmée ou coupée. Ouvrez-la et enregistrez-la de nouveau.",
        "The picture is damaged or cut. Open it and save it again.",
    ),
    "recipient_refused": ("L’adresse n’accepte pas ce courriel.", "The address does not take this mail."),
    "address_forbidden": (
        "Cette adresse mène à un réseau privé et n’a pas été contactée. L’exploitation peut l’autoriser par "
        "DIFFUSION_PRIVATE_HOSTS.",
        "This address leads to a private network and was not contacted. Operations can allow it by "
        "DIFFUSION_PRIVATE_HOSTS.",
    ),
    "redirected": (
        "Le canal renvoie vers une autre adresse. Corrigez l’adresse du compte.",
        "The channel redirects elsewhere. Correct the account’s address.",
    ),
    "not_supported": ("Le canal ne sait pas faire cela.", "The channel cannot do this."),
    "rate_limited": (
        "Le canal demande d’attendre. Nouvel essai automatique, rien n’est perdu.",
        "The channel asks to wait. It will be tried again by itself, nothing is lost.",
    ),
    "unreachable": (
        "Le canal est injoignable. Rien n’est parti ; nouvel essai automatique.",
        "The channel cannot be reached. Nothing was sent; it will be tried again by itself.",
    ),
    "busy": (
        "Le canal est occupé. Nouvel essai automatique.",
        "The channel is busy. It will be tried again by itself.",
    ),
    "no_answer": (
        "Le canal n’a pas répondu. Publié ou non ? Rien n’est renvoyé avant d’avoir regardé.",
        "The channel did not answer. Published or not? Nothing is sent again before looking.",
    ),
    "server_error": (
        "Le canal a répondu par une erreur de son côté. Publié ou non ? Rien n’est renvoyé avant d’avoir regardé.",
        "The channel answered with an error of its own. Published or not? Nothing is sent again before looking.",
    ),
    "unreadable": (
        "La réponse du canal est illisible. Publié ou non ? Rien n’est renvoyé avant d’avoir regardé.",
        "The channel’s answer cannot be read. Published or not? Nothing is sent again before looking.",
    ),
    "vendor": (
        "Le canal a refusé ; sa réponse est montrée ci-dessous.",
        "The channel refused; its answer is shown below.",
    ),
    "lease_ran_out": (
        "L’envoi a été interrompu en route. Publié ou non ? Rien n’est renvoyé avant d’avoir regardé.",
        "Sending was interrupted on its way. Published or not? Nothing is sent again before looking.",
    ),
    "restored": ("Partie depuis la sauvegarde ? On regarde d’abord.", "Gone out since the backup? Looking first."),
    "credentials_unreadable": (
        "Les identifiants de ce compte ne se déchiffrent plus (la clé a changé). Saisissez-les de nouveau.",
        "This account’s credentials can no longer be decrypted (the key changed). Enter them again.",
    ),
    "internal": (
        "Diffusion a rencontré une erreur de son côté ; elle est dans le journal. La diffusion vous attend.",
        "Diffusion met an error of its own; it is in the log. The delivery waits for you.",
    ),
    "useless_now": (
        "L’heure jusqu’à laquelle ce message est utile est passée : rien n’est parti. Décidez.",
        "The time until which this message is useful has passed: nothing was sent. Please decide.",
    ),
    "facts_changed": (
        "Le texte ne dit plus la même chose à cette date. Relisez la version.",
        "On this date the text no longer says the same. Read the version again.",
    ),
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
    "already_held": ("La suspension est déjà en place.", "The hold is already in force."),
    "not_held": ("Rien n’est suspendu.", "Nothing is on hold."),
    "reason_needed": ("Dites pourquoi, en une phrase.", "Say why, in one sentence."),
    "zone_unknown": (
        "« {given} » n’est pas un fuseau horaire. Exemple : Europe/Paris.",
        "“{given}” is no time zone. Example: Europe/Paris.",
    ),
    "brand_needed": ("Créez d’abord une marque.", "Make a brand first."),
    "change_gone": (
        "Ce passage a changé depuis. Rechargez la page : rien n’est perdu.",
        "This passage has changed since. Load the page again: nothing is lost.",
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
    "channel_silent": (
        "Le canal « {given} » compte et ajuste, mais ne publie pas encore.",
        "Channel “{given}” counts and fits, but does not publish yet.",
    ),
    "credentials_incomplete": ("Il manque : {fields}.", "Missing: {fields}."),
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
    "internal_late": (
        "L’interne a plus d’un quart d’heure de retard, et le public l’attend. Regardez ce qui le retient, ou annulez-le.",
        "The internal version is more than a quarter of an hour late, and the public waits for it. See what keeps it, or cancel it.",
    ),
    "left_as_it_is": ("Laissée telle quelle, par choix.", "Left as it is, by choice."),
    "too_often": ("Trop d’essais. Recommencez dans une minute.", "Too many tries. Try again in a minute."),
    "list_closed": ("Cette lettre ne prend pas d’inscriptions.", "This letter takes no subscriptions."),
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
