"""Which page answers which address. Names are stable: templates, mails and posts carry them."""

from __future__ import annotations

from allauth.account import views as allauth
from django.urls import path, re_path

from diffusion.web import hold, people, sign_in

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
    path("hold/", hold.hold, name="hold"),
]

urlpatterns = [*SIGN_IN, *OPS, *DIRECTORY]
