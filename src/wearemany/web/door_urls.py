"""The addresses of posting and keeping. A secret code is in none of them: it comes in forms only."""

from __future__ import annotations

from django.urls import path

from wearemany.web import claim, converters, door, elsewhere, keep, mail

__all__ = ["DOOR", "converters"]

DOOR = [
    path("<language:language>/keep", keep.keep, name="keep"),
    path("<language:language>/keep/state", keep.state, name="keep-state"),
    path("<language:language>/keep/confirm", keep.confirm, name="keep-confirm"),
    path("<language:language>/keep/cover", keep.cover, name="keep-cover"),
    path("<language:language>/keep/add", keep.add, name="keep-add"),
    path("<language:language>/keep/photo", keep.photo, name="keep-photo"),
    path("<language:language>/keep/picture", keep.picture, name="keep-picture"),
    path("<language:language>/keep/card", elsewhere.card, name="keep-card"),
    path("<language:language>/keep/elsewhere", elsewhere.link, name="keep-elsewhere"),
    path("<language:language>/keep/take-back", keep.take_back, name="keep-take-back"),
    path("<language:language>/<handle:handle>/mail", mail.mail, name="mail"),
    path("<language:language>/claim", claim.claim, name="claim"),
    path("<language:language>/<handle:handle>/post/<int:position>/mine", claim.mine, name="mine"),
    path("<language:language>/<handle:handle>/join", door.join, name="join"),
    path("<language:language>/<handle:handle>/join/photo", door.join_photo, name="join-photo"),
]
