"""Which page answers which address. Names are stable: templates, mails and posts carry them."""

from __future__ import annotations

from allauth.account import views as allauth
from django.urls import path, re_path, register_converter
from django.urls.converters import StringConverter

from diffusion.api import v1
from diffusion.web import (
    accounts,
    approvals,
    authority,
    board,
    campaign,
    composer,
    edits,
    feeds,
    going_out,
    hold,
    inbox,
    joining,
    journal,
    letter,
    letters,
    ops,
    outside,
    people,
    processes,
    propose,
    public,
    replaying,
    sign_in,
    sources,
    tally,
    terms,
    together,
    versions,
)


class Change(StringConverter):
    """What can be done with one change of the tone."""

    regex = "undo|accept"


class Sent(StringConverter):
    """What a person knows of one mail in doubt."""

    regex = "sent|again"


class Answered(StringConverter):
    """What a person does about a delivery that anybody is shown otherwise than it was published."""

    regex = "|".join(outside.ACTS)


class Exported(StringConverter):
    """The figures, for machines."""

    regex = "json|csv"


register_converter(Exported, "exported")
register_converter(Answered, "answered")
register_converter(Change, "change")
register_converter(Sent, "sent")

SIGN_IN = [
    path("", sign_in.home, name="home"),
    path("in/<str:secret>/", sign_in.link, name="sign_in_link"),
    path("theme/", sign_in.theme, name="theme"),
    path("me/", people.me, name="me"),
    path("sign-in/", allauth.login, name="account_login"),
    path("sign-in/code/", sign_in.request_code, name="account_request_login_code"),
    path("sign-in/code/confirm/", allauth.confirm_login_code, name="account_confirm_login_code"),
    path("sign-in/closed/", allauth.account_inactive, name="account_inactive"),
    path("sign-out/", allauth.logout, name="account_logout"),
    path("password/", allauth.password_change, name="account_change_password"),
    path("password/set/", allauth.password_set, name="account_set_password"),
    path("password/reset/", sign_in.reset_password, name="account_reset_password"),
    path("password/reset/sent/", allauth.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/reset/done/", allauth.password_reset_from_key_done, name="account_reset_password_from_key_done"),
]
"""Of allauth only what is used: no sign-up, no addresses of one's own to manage."""

DIRECTORY = [
    path("people/", people.people, name="people"),
    path("people/add/", people.person_add, name="person_add"),
    path("people/<str:public_id>/", people.person, name="person"),
    path("people/<str:public_id>/link/", people.person_link, name="person_link"),
    path("people/<str:public_id>/roles/", people.role_give, name="role_give"),
    path("people/<str:public_id>/roles/<int:pk>/take/", people.role_take, name="role_take"),
    path("people/<str:public_id>/absences/", people.absence_set, name="absence_set"),
    path("people/<str:public_id>/absences/<int:pk>/end/", people.absence_end, name="absence_end"),
    path("people/<str:public_id>/deactivate/", people.person_deactivate, name="person_deactivate"),
    path("people/<str:public_id>/reactivate/", people.person_reactivate, name="person_reactivate"),
    path("authority/", authority.authority, name="authority"),
    path("directorates/", people.directorates, name="directorates"),
    path("directorates/add/", people.directorate_add, name="directorate_add"),
    path("directorates/<str:public_id>/", people.directorate, name="directorate"),
]

OPS = [
    path("deliveries/", ops.deliveries, name="deliveries"),
    path("deliveries/vouch/", ops.deliveries_vouch, name="deliveries_vouch"),
    path("deliveries/replay/", replaying.replay, name="replay"),
    path("deliveries/parts/<int:pk>/drain/", processes.part_drain, name="part_drain"),
    path("deliveries/together/<str:name>/", together.deliveries_together, name="deliveries_together"),
    path("deliveries/retry/", ops.deliveries_retry, name="deliveries_retry"),
    path("deliveries/<str:public_id>/", ops.delivery, name="delivery"),
    path("deliveries/<str:public_id>/there/", ops.delivery_there, name="delivery_there"),
    path("deliveries/<str:public_id>/absent/", ops.delivery_absent, name="delivery_absent"),
    path("deliveries/<str:public_id>/by-hand/", ops.delivery_by_hand, name="delivery_by_hand"),
    path("deliveries/<str:public_id>/look/", ops.delivery_look, name="delivery_look"),
    path("deliveries/<str:public_id>/retry/", ops.delivery_retry, name="delivery_retry"),
    path("deliveries/<str:public_id>/cancel/", ops.delivery_cancel, name="delivery_cancel"),
    path("deliveries/<str:public_id>/differs/", outside.delivery_differs, name="delivery_differs"),
    path("deliveries/<str:public_id>/differs/<answered:act>/", outside.delivery_answer, name="delivery_answer"),
    path("hold/", hold.hold, name="hold"),
    path("journal/", journal.journal, name="journal"),
]

CHANNELS = [
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/connect/", accounts.account_choose, name="account_choose"),
    path("accounts/connect/<str:channel>/", accounts.account_connect, name="account_connect"),
    path("accounts/<str:public_id>/", accounts.account, name="account"),
    path("accounts/<str:public_id>/probe/", accounts.account_probe, name="account_probe"),
    path("accounts/<str:public_id>/pause/", accounts.account_pause, name="account_pause"),
    path("accounts/<str:public_id>/resume/", accounts.account_resume, name="account_resume"),
    path("accounts/<str:public_id>/reconnect/", accounts.account_reconnect, name="account_reconnect"),
    path("sources/", sources.sources, name="sources"),
    path("sources/add/", sources.source_add, name="source_add"),
    path("sources/<str:public_id>/", sources.source, name="source"),
    path("sources/<str:public_id>/pull/", sources.source_pull, name="source_pull"),
]

INTAKE = [
    path("desk/", inbox.desk, name="desk"),
    path("propose/", propose.propose, name="propose"),
    path("propose/read/", propose.propose_read, name="propose_read"),
    path("submissions/", propose.submissions, name="submissions"),
    path("submissions/<str:public_id>/", propose.submission, name="submission"),
    path("submissions/<str:public_id>/draft/", inbox.submission_draft, name="submission_draft"),
    path("submissions/<str:public_id>/join/", joining.submission_join, name="submission_join"),
    path("submissions/<str:public_id>/attach/", inbox.submission_attach, name="submission_attach"),
    path(
        "submissions/<str:public_id>/attach/<str:message>/", joining.submission_attach_to, name="submission_attach_to"
    ),
    path("submissions/<str:public_id>/decline/", inbox.submission_decline, name="submission_decline"),
    path("submissions/<str:public_id>/take-back/", inbox.submission_take_back, name="submission_take_back"),
]

MESSAGES = [
    path("messages/", composer.messages, name="messages"),
    path("messages/new/", composer.message_new, name="message_new"),
    path("messages/<str:public_id>/", composer.message, name="message"),
    path("messages/<str:public_id>/edit/", composer.message_edit, name="message_edit"),
    path("messages/<str:public_id>/changes/<int:index>/<change:act>/", edits.message_change, name="message_change"),
    path("messages/<str:public_id>/facts/", edits.message_facts, name="message_facts"),
    path("messages/<str:public_id>/pictures/", edits.message_picture, name="message_picture"),
    path("messages/<str:public_id>/pictures/<str:asset>/out/", edits.message_picture_out, name="message_picture_out"),
    path("messages/<str:public_id>/versions/<str:account>/", versions.version_edit, name="version_edit"),
    path("messages/<str:public_id>/versions/<str:account>/count/", versions.version_count, name="version_count"),
    path("messages/<str:public_id>/versions/<str:account>/reset/", versions.version_reset, name="version_reset"),
    path(
        "messages/<str:public_id>/versions/<str:account>/override/", versions.version_override, name="version_override"
    ),
    path("messages/<str:public_id>/compose/", going_out.message_compose, name="message_compose"),
    path("messages/<str:public_id>/terms/", terms.message_terms, name="message_terms"),
    path("messages/<str:public_id>/campaign/", campaign.message_campaign, name="message_campaign"),
    path("messages/<str:public_id>/ask/", going_out.message_ask, name="message_ask"),
    path("messages/<str:public_id>/plan/", terms.message_plan, name="message_plan"),
    path("messages/<str:public_id>/move/", terms.message_move, name="message_move"),
    path("messages/<str:public_id>/cancel/", going_out.message_cancel, name="message_cancel"),
    path("messages/<str:public_id>/correct/", going_out.message_correct, name="message_correct"),
    path("messages/<str:public_id>/withdraw/", going_out.message_withdraw, name="message_withdraw"),
    path("messages/<str:public_id>/aside/", going_out.message_aside, name="message_aside"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/<str:public_id>/", approvals.approval, name="approval"),
    path("approvals/<str:public_id>/approve/", approvals.approval_approve, name="approval_approve"),
    path("approvals/<str:public_id>/decline/", approvals.approval_decline, name="approval_decline"),
]

LETTERS = [
    path("letters/", letters.letters, name="letters"),
    path("letters/open/<str:account>/", letters.letter_open, name="letter_open"),
    path("letters/<str:public_id>/", letters.letter_list, name="letter_list"),
    path("letters/<str:public_id>/change/", letters.letter_change, name="letter_change"),
    path("letters/<str:public_id>/add/", letters.letter_add, name="letter_add"),
    path("letters/<str:public_id>/import/", letters.letter_import, name="letter_import"),
    path("letters/<str:public_id>/remove/", letters.letter_remove, name="letter_remove"),
    path("letters/<str:public_id>/export/", letters.letter_export, name="letter_export"),
    path("letters/<str:public_id>/<str:edition>/", letters.letter_issue, name="letter_issue"),
    path("letters/<str:public_id>/<str:edition>/<int:line>/<sent:act>/", letters.letter_line, name="letter_line"),
]

READERS = [
    path("board/", board.board, name="board"),
    path("board/<str:public_id>/", board.board_article, name="board_article"),
    path("m/<str:public_id>", public.public_message, name="public_message"),
    path("media/<str:public_id>", public.media, name="media"),
    path("e/<str:public_id>", public.edition, name="edition"),
    path("figures/", tally.figures, name="figures"),
    path("figures.<exported:form>", tally.figures, name="figures_as"),
    path("feeds/", feeds.feeds, name="feeds"),
    path("feeds/revoke/", feeds.feeds_revoke, name="feeds_revoke"),
    path("feeds/<slug:slug>.<str:form>", feeds.feed, name="feed"),
    path("feeds/<str:secret>/<slug:slug>.<str:form>", feeds.feed, name="feed_secret"),
    path("l/<str:public_id>", letter.letter, name="letter"),
    path("l/<str:public_id>/confirm/<str:secret>", letter.letter_confirm, name="letter_confirm"),
    path("l/<str:public_id>/leave/<str:secret>", letter.letter_leave, name="letter_leave"),
]
"""Addresses that stand in posts, mails and on posters end without a slash: shorter, and a POST is never redirected."""

handler500 = "diffusion.web.frame.failed"
urlpatterns = [path("api/v1/", v1.urls), *SIGN_IN, *INTAKE, *MESSAGES, *LETTERS, *OPS, *CHANNELS, *DIRECTORY, *READERS]
