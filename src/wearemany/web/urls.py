"""All addresses of the site. They are public and permanent; `rendering.addresses` builds the same ones."""

from __future__ import annotations

from django.urls import path

from wearemany.web import (
    check,
    doors,
    feed,
    figures,
    mirrors,
    post,
    poster,
    recounting,
    robots,
    start,
    story,
    wall,
)
from wearemany.web.desk.urls import DESK
from wearemany.web.door_urls import DOOR

START = [
    path("", start.start, name="start"),
    path("robots.txt", robots.robots, name="robots"),
    path("doors", doors.doors_file, name="doors-file"),
    path("log/<handle:handle>/doors", doors.log_doors_file, name="log-doors-file"),
    path("log/<handle:handle>/recount.html", recounting.recount_html, name="recount-page"),
    path("log/<handle:handle>/recount.html.note", recounting.recount_note, name="recount-note"),
    path("log/<handle:handle>/pictures", mirrors.pictures_list, name="log-pictures"),
    path("log/<handle:handle>/pictures/<int:block>", mirrors.pictures_block, name="log-pictures-block"),
    path("<language:language>/doors", doors.doors, name="doors"),
    path("<language:language>/", start.campaigns, name="campaigns"),
]

CAMPAIGN = [
    path("<language:language>/<handle:handle>/", wall.wall, name="wall"),
    path("<language:language>/<handle:handle>/page/<int:page>", wall.wall_page, name="wall-page"),
    path("<language:language>/<handle:handle>/page/<int:page>.json", wall.newest_page, name="newest-page"),
    path("<language:language>/<handle:handle>/newest.json", wall.newest, name="newest"),
    path("<language:language>/<handle:handle>/post/<int:position>", post.post, name="post"),
    path("<language:language>/<handle:handle>/post/<int:position>/like", post.like, name="like"),
    path("<language:language>/<handle:handle>/post/<int:position>/comment", post.comment, name="comment"),
    path("<language:language>/<handle:handle>/story", story.story, name="story"),
    path("<language:language>/<handle:handle>/check", check.check, name="check"),
    path("<language:language>/<handle:handle>/figures", figures.figures, name="figures"),
    path("<language:language>/<handle:handle>/figures.csv", figures.figures_table, name="figures-csv"),
    path("<language:language>/<handle:handle>/figures.json", figures.figures_values, name="figures-json"),
    path(
        "<language:language>/<handle:handle>/figures/<str:day>.txt",
        figures.figures_signed,
        name="figures-signed",
    ),
    path("<language:language>/<handle:handle>/poster", poster.poster, name="poster"),
    path("<language:language>/<handle:handle>/feed.rss", feed.feed, name="feed"),
]

urlpatterns = [*START, *DESK, *DOOR, *CAMPAIGN]
