"""A crowd that has been through the darkroom already: posts with small drawn pictures, ready to be decided.

For proofs and benches that need thousands of posts in a minute. What is left out is the door and the darkroom; from
moderation on everything is the real road. The pictures are real ones, sealed under their posts' own keys.

Run beside a server, with its environment:
`python -m tests.rigs.crowd put HANDLE COUNT [--pictures-each N]` adds posts; `show HANDLE SIZE` lets the public
see the wall's first SIZE entries only; `play HANDLE SIZE --per-second N` lets it grow again, as the log would.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import sys
import time
from collections.abc import Iterator

import django
from PIL import Image

SIZES = (("160", "webp", 128), ("640", "webp", 512), ("640", "jpeg", 512), ("main", "webp", 640))
BATCH = 250


def crowd_put(handle: str, count: int, *, pictures_each: int = 1) -> list[str]:
    """Add posts that wait for a decision; every `pictures_each`-th has its pictures in the store. Returns their ids."""
    from django.db import transaction

    from wearemany.campaigns.models import Campaign
    from wearemany.photos.models import Post

    campaign = Campaign.objects.get(handle=handle)
    contents = [drawn(number) for number in range(8)]
    ids: list[str] = []
    for first in range(0, count, BATCH):
        numbers = range(first, min(first + BATCH, count))
        with transaction.atomic():
            made = [_post(campaign, number) for number in numbers]
            Post.objects.bulk_create(made)
            _pictured(made, contents, pictures_each=pictures_each)
        # Only now: whoever decides must find everything.
        Post.objects.filter(pk__in=[post.pk for post in made]).update(awaits_decision=True)
        ids += [post.pk for post in made]
    return ids


def _post(campaign, number: int):
    from wearemany.adapters import clock
    from wearemany.ids import ID_BYTES, opaque
    from wearemany.photos.models import Post

    post_id = opaque(clock.random_bytes(ID_BYTES))
    return Post(
        id=post_id,
        campaign=campaign,
        code_digest=clock.random_bytes(32),
        language="ru",
        caption=f"Мы не равнодушны, и нас много. {number}-{post_id[-8:]}",
        name="Мария" if number % 3 else "",
        cover="nobody",
        confirmed=True,
        terms_version="1",
        ready=True,
        is_drawn=True,
        received_day=clock.now().date(),
    )


def _pictured(posts, contents, *, pictures_each: int) -> None:
    from wearemany.adapters import clock, server
    from wearemany.adapters.blobs import fresh_key
    from wearemany.adapters.sealed import seal
    from wearemany.ids import ID_BYTES, opaque
    from wearemany.photos.models import Development, Photo, PostKey, Rendition

    keys = server.keys()
    photos, developments, renditions, post_keys = [], [], [], []
    for number, post in enumerate(posts):
        key = keys.new_key()
        post_keys.append(
            PostKey(
                post=post,
                wrapped_key=keys.wrap(key, owner=f"post:{post.pk}"),
                wrapped_salt=keys.wrap(clock.random_bytes(32), owner=f"salt:{post.pk}"),
            )
        )
        photo = Photo(id=opaque(clock.random_bytes(ID_BYTES)), post=post, position=0)
        photos.append(photo)
        developments.append(_development(photo))
        for (size, kind, width_px), content in contents[number % len(contents)].items():
            blob = fresh_key("r")
            if number % pictures_each == 0:
                server.store().put(blob, seal(key, content))
            renditions.append(
                Rendition(
                    photo=photo,
                    size=size,
                    format=kind,
                    name=opaque(clock.random_bytes(ID_BYTES)),
                    blob=blob,
                    width_px=width_px,
                    height_px=width_px * 5 // 4,
                    size_bytes=len(content),
                    digest=hashlib.sha256(content + photo.pk.encode()).digest(),
                )
            )
    for model, rows in (
        (PostKey, post_keys), (Photo, photos), (Development, developments), (Rendition, renditions),
    ):  # fmt: skip
        model.objects.bulk_create(rows)


def _development(photo):
    from wearemany.photos.models import Development

    return Development(
        photo=photo,
        spec_version=1,
        verdict="accept",
        score=0.9,
        reasons=["wears-the-colour"],
        garment_colour="red",
        faces=[{"box": [0.4, 0.1, 0.6, 0.3], "score": 0.98, "covered": False}],
        fingerprint=hashlib.sha256(photo.pk.encode()).digest(),
        fingerprint_quality=90,
        placeholder=b"RIFF....WEBP" + bytes(200),
        crop=[0.0, 0.0, 1.0, 1.0],
        width_px=640,
        height_px=800,
        ms=10,
    )


def drawn(number: int) -> dict[tuple[str, str, int], bytes]:
    """Return a picture in every size: somebody in red before a wall of one of a few shades."""
    made = {}
    for size in SIZES:
        _, kind, width_px = size
        height_px = width_px * 5 // 4
        picture = Image.new("RGB", (width_px, height_px), (60 + number * 20, 90, 120))
        picture.paste((190, 20, 40), (width_px // 4, height_px // 2, width_px * 3 // 4, height_px))
        picture.paste((222, 180, 150), (width_px * 2 // 5, height_px // 5, width_px * 3 // 5, height_px // 2))
        written = io.BytesIO()
        picture.save(written, "JPEG" if kind == "jpeg" else "WEBP", quality=60)
        made[size] = written.getvalue()
    return made


def appended(handle: str) -> None:
    """Decide and append everybody who waits, by the server's own steps."""
    from wearemany.moderation.services import decide_pending
    from wearemany.wall.log import append_pending
    from wearemany.worker.loop import run_until_idle

    run_until_idle((decide_pending, append_pending))


def shown(handle: str, size: int) -> None:
    """Let the public see the wall's first `size` entries; the log itself is left as it is."""
    from wearemany.campaigns.services import stream_version_bump
    from wearemany.wall.models import LogHead

    head = LogHead.objects.select_related("campaign").get(campaign__handle=handle)
    tally = dict(head.tally)
    # Every entry but the first is a post here.
    for name in tally:
        if name in ("posts", "people", "distinct", "in_colour"):
            tally[name] = size - 1
    LogHead.objects.filter(pk=head.pk).update(published_size=size, published_tally=tally)
    stream_version_bump(head.campaign_id)


def played(handle: str, size: int, *, per_second: float, gone_every: int = 0) -> Iterator[int]:
    """Let the wall grow to `size` entries again, one by one; yields each size once it is public.

    With `gone_every`, now and then a post of the newest page is taken from sight as well.
    """
    from wearemany.campaigns.services import visible_version_bump
    from wearemany.moderation.models import Decision
    from wearemany.wall.models import Entry, LogHead

    first = LogHead.objects.get(campaign__handle=handle).published_size + 1
    began = time.monotonic()
    for number, grown in enumerate(range(first, size + 1)):
        time.sleep(max(0.0, began + number / per_second - time.monotonic()))
        shown(handle, grown)
        if gone_every and number % gone_every == gone_every - 1:
            entry = Entry.objects.get(campaign__handle=handle, position=grown - 5)
            Decision.objects.create(
                post_id=entry.post_id,
                position=1,
                kind="reject",
                by="person",
                reason="off-call",
                day=entry.day,
            )
            visible_version_bump(entry.campaign_id)
        yield grown


def set_up() -> None:
    """Make Django ready, as the command does."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "wearemany.config.settings"
    django.setup()


def main() -> None:
    """Do one act beside a server."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("act", choices=("put", "append", "show", "play"))
    parser.add_argument("handle")
    parser.add_argument("number", type=int, nargs="?", default=0)
    parser.add_argument("--pictures-each", type=int, default=1)
    parser.add_argument("--per-second", type=float, default=10.0)
    parser.add_argument("--gone-every", type=int, default=0)
    chosen = parser.parse_args()
    set_up()
    if chosen.act == "put":
        print("\n".join(crowd_put(chosen.handle, chosen.number, pictures_each=chosen.pictures_each)))
    elif chosen.act == "append":
        appended(chosen.handle)
    elif chosen.act == "show":
        shown(chosen.handle, chosen.number)
    else:
        for size in played(
            chosen.handle, chosen.number, per_second=chosen.per_second, gone_every=chosen.gone_every
        ):
            print(f"{size} {time.monotonic()}", flush=True)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
