"""The desk's addresses. None is public; every one asks for a session first."""

from __future__ import annotations

from django.urls import path
from django.views.generic.base import RedirectView

from wearemany.web.desk import (
    careful,
    comments,
    door,
    frame,
    groups,
    mirrors,
    opening,
    panic,
    phases,
    posts,
    review,
    same,
    story,
    wording,
)

_CAMPAIGN = "desk/<slug:handle>"

DESK = [
    path("desk", RedirectView.as_view(url=door.HOME, http_method_names=["get", "head"])),
    path("desk/", frame.campaigns, name="desk"),
    path("desk/in", door.sign_in, name="desk-in"),
    path("desk/out", door.sign_out, name="desk-out"),
    path("desk/open", opening.opening, name="desk-open"),
    path(f"{_CAMPAIGN}/", review.review),
    path(f"{_CAMPAIGN}/review", review.review, name="desk-review"),
    path(f"{_CAMPAIGN}/review/approve", review.approve),
    path(f"{_CAMPAIGN}/review/reject", review.reject),
    path(f"{_CAMPAIGN}/review/take-down", review.take_down),
    path(f"{_CAMPAIGN}/review/cover", review.cover),
    path(f"{_CAMPAIGN}/review/skip", review.skip),
    path(f"{_CAMPAIGN}/review/undo", review.undo),
    path(f"{_CAMPAIGN}/picture/<str:file>", review.picture),
    path(f"{_CAMPAIGN}/same", same.same, name="desk-same"),
    path(f"{_CAMPAIGN}/same/answer", same.answer),
    path(f"{_CAMPAIGN}/same/undo", same.undo),
    path(f"{_CAMPAIGN}/comments", comments.comments, name="desk-comments"),
    path(f"{_CAMPAIGN}/comments/<slug:comment>/show", comments.show),
    path(f"{_CAMPAIGN}/comments/<slug:comment>/remove", comments.remove),
    path(f"{_CAMPAIGN}/posts", posts.posts, name="desk-posts"),
    path(f"{_CAMPAIGN}/posts/<int:number>/take-off", posts.take_off),
    path(f"{_CAMPAIGN}/posts/<int:number>/put-back", posts.put_back),
    path(f"{_CAMPAIGN}/posts/<int:number>/answer", posts.answer),
    path(f"{_CAMPAIGN}/story", story.story, name="desk-story"),
    path(f"{_CAMPAIGN}/story/new/<slug:kind>", story.tell),
    path(f"{_CAMPAIGN}/story/<int:item>/revise", story.revise),
    path(f"{_CAMPAIGN}/story/voices/new", story.voice),
    path(f"{_CAMPAIGN}/campaign", phases.campaign, name="desk-campaign"),
    path(f"{_CAMPAIGN}/campaign/words", wording.wording),
    path(f"{_CAMPAIGN}/campaign/freeze", panic.freeze),
    path(f"{_CAMPAIGN}/campaign/thaw", panic.thaw),
    path(f"{_CAMPAIGN}/campaign/careful", careful.careful),
    path(f"{_CAMPAIGN}/campaign/<slug:move>", phases.move),
    path(f"{_CAMPAIGN}/groups", groups.groups, name="desk-groups"),
    path(f"{_CAMPAIGN}/groups/<slug:invitation>/revoke", groups.revoke),
    path(f"{_CAMPAIGN}/groups/<slug:invitation>/hold", groups.hold),
    path(f"{_CAMPAIGN}/groups/<slug:invitation>/release", groups.release),
    path(f"{_CAMPAIGN}/mirrors", mirrors.mirrors, name="desk-mirrors"),
    path(f"{_CAMPAIGN}/mirrors/remove", mirrors.remove),
    path(f"{_CAMPAIGN}/mirrors/keys", mirrors.make_key),
    path(f"{_CAMPAIGN}/mirrors/keys/<slug:key>/revoke", mirrors.revoke_key),
    path(f"{_CAMPAIGN}/team", phases.colleagues, name="desk-team"),
    path(f"{_CAMPAIGN}/team/<int:colleague>/reverse", phases.reverse),
]
