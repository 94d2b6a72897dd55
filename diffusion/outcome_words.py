"""What channels and deliveries answer, code → (French, English): `channels.contract.Code` first. See `words.py`."""

OUTCOMES: dict[str, tuple[str, str]] = {
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
    "restored": ("Partie depuis la sauvegarde ? On regarde d’abord.", "Gone out since the backup? Looking first."),
    "lease_ran_out": (
        "L’envoi a été interrompu en route. Publié ou non ? Rien n’est renvoyé avant d’avoir regardé.",
        "Sending was interrupted on its way. Published or not? Nothing is sent again before looking.",
    ),
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
    "too_many": (
        "Ce compte a déjà beaucoup publié depuis une heure : elle attend votre oui. Rien n’est parti.",
        "This account has published much in the last hour: it waits for your yes. Nothing was sent.",
    ),
    "said_already": (
        "Le même texte est déjà sorti sur ce compte depuis hier : elle attend votre oui. Rien n’est parti.",
        "The same text went out on this account since yesterday: it waits for your yes. Nothing was sent.",
    ),
    "facts_changed": (
        "Le texte ne dit plus la même chose à cette date. Relisez la version.",
        "On this date the text no longer says the same. Read the version again.",
    ),
}
