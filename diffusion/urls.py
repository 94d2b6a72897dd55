"""Which page answers which address. Names are stable: templates, mails and posts carry them."""

from __future__ import annotations

from allauth.account import views as allauth
from django.urls import path, re_path

from diffusion.web import accounts, hold, journal, ops, people, sign_in, sources

SIGN_IN = [
    path("", sign_in.home, name="home"),
    path("in/<str:secret>/", sign_in.link, name="sign_in_link"),
    path("theme/", sign_in.theme, name="theme"),
    path("me/", people.me, name="me"),
    path("sign-in/", allauth.login, name="account_login"),
    path("sign-in/code/", allauth.request_login_code, name="account_request_login_code"),
    path("sign-in/code/confirm/", allauth.confirm_login_code, name="account_confirm_login_code"),
    path("sign-in/closed/", allauth.account_inactive, name="account_inactive"),
    path("sign-out/", allauth.logout, name="account_logout"),
    path("password/", allauth.password_change, name="account_change_password"),
    path("password/set/", allauth.password_set, name="account_set_password"),
    path("password/reset/", allauth.password_reset, name="account_reset_password"),
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
    path("directorates/", people.directorates, name="directorates"),
    path("directorates/add/", people.directorate_add, name="directorate_add"),
    path("directorates/<str:public_id>/", people.directorate, name="directorate"),
]

OPS = [
    path("deliveries/", ops.deliveries, name="deliveries"),
    path("deliveries/retry/", ops.deliveries_retry, name="deliveries_retry"),
    path("deliveries/<str:public_id>/", ops.delivery, name="delivery"),
    path("deliveries/<str:public_id>/there/", ops.delivery_there, name="delivery_there"),
    path("deliveries/<str:public_id>/absent/", ops.delivery_absent, name="delivery_absent"),
    path("deliveries/<str:public_id>/look/", ops.delivery_look, name="delivery_look"),
    path("deliveries/<str:public_id>/retry/", ops.delivery_retry, name="delivery_retry"),
    path("deliveries/<str:public_id>/cancel/", ops.delivery_cancel, name="delivery_cancel"),
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

urlpatterns = [*SIGN_IN, *OPS, *CHANNELS, *DIRECTORY]
