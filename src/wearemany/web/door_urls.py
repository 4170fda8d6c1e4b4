"""The addresses of posting and keeping. A secret code is in none of them: it comes in forms only."""

from __future__ import annotations

from django.urls import path
from django.views.decorators.gzip import gzip_page

from wearemany.web import claim, converters, days, door, elsewhere, groups, keep, mail, receipts, report

__all__ = ["DOOR", "converters"]

# These pages hold a secret, and packing can betray one to whoever makes a browser ask for it together with guesses.
# Here nobody can: the form's code is another with every load, and the keep-page comes only to forms of our own pages.
_join, _keep, _state = gzip_page(door.join), gzip_page(keep.keep), gzip_page(keep.state)

DOOR = [
    path("<language:language>/keep", _keep, name="keep"),
    path("<language:language>/keep/state", _state, name="keep-state"),
    path("<language:language>/keep/confirm", keep.confirm, name="keep-confirm"),
    path("<language:language>/keep/cover", keep.cover, name="keep-cover"),
    path("<language:language>/keep/add", keep.add, name="keep-add"),
    path("<language:language>/keep/photo", keep.photo, name="keep-photo"),
    path("<language:language>/keep/picture", keep.picture, name="keep-picture"),
    path("<language:language>/keep/card", elsewhere.card, name="keep-card"),
    path("<language:language>/keep/elsewhere", elsewhere.link, name="keep-elsewhere"),
    path("<language:language>/keep/receipt", receipts.receipt, name="keep-receipt"),
    path("<language:language>/keep/appeal", keep.appeal, name="keep-appeal"),
    path("<language:language>/keep/forget", keep.forget, name="keep-forget"),
    path("<language:language>/keep/days.ics", days.keep_days, name="keep-days"),
    path("<language:language>/keep/group", groups.sitting, name="group-sitting"),
    path("<language:language>/keep/group/photo", groups.photo, name="group-photo"),
    path("<language:language>/<handle:handle>/group", groups.door, name="group"),
    path("<language:language>/keep/take-back", keep.take_back, name="keep-take-back"),
    path("<language:language>/<handle:handle>/mail", mail.mail, name="mail"),
    path("<language:language>/<handle:handle>/days.ics", days.days, name="days"),
    path("<language:language>/claim", claim.claim, name="claim"),
    path("<language:language>/claim/withdraw", report.withdraw, name="report-withdraw"),
    path("<language:language>/<handle:handle>/post/<int:position>/mine", claim.mine, name="mine"),
    path("<language:language>/<handle:handle>/post/<int:position>/report", report.report, name="report"),
    path("<language:language>/<handle:handle>/join", _join, name="join"),
    path("<language:language>/<handle:handle>/join/photo", door.join_photo, name="join-photo"),
]
