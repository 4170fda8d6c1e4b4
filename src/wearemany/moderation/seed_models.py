"""Test pictures and how often they come: the rows. What is done with them is in `seeds` and `seeding`."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from wearemany.campaigns.models import Campaign
from wearemany.photos.models import Post
from wearemany.worker.due import Due


class Shows(models.TextChoices):
    """What is right to do with a test picture: the colour is worn; another one is; it must not be on a wall."""

    COLOUR = "colour"
    OTHER = "other"
    REJECT = "reject"


class Seed(models.Model):
    """A drawn test picture in the queue, or answered. Its post came by the door `orders.SEED` and is never decided.

    `answer` is what `account` said of it, in the words of decisions; empty while it waits. `turn` orders the answers,
    `after` is the newest decision there was then, so that one's last act is known. All of it goes a month after `day`.
    """

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="seed")
    shows = models.CharField(max_length=6, choices=Shows.choices)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    answer = models.CharField(max_length=8, blank=True, default="")
    reason = models.CharField(max_length=40, blank=True, default="")
    colour = models.BooleanField(null=True, default=None)
    turn = models.PositiveBigIntegerField(default=0)
    after = models.PositiveBigIntegerField(default=0)
    day = models.DateField()

    class Meta:
        """Table options."""

        db_table = "seed"


class Seeding(Due):
    """A campaign whose organisers have test pictures mixed in: about one for every `every` posts that are shown.

    `looked` is how many had been shown when the last one was drawn, `wait` how many more until the next, by chance.
    """

    campaign = models.OneToOneField(
        Campaign, on_delete=models.CASCADE, primary_key=True, related_name="seeding"
    )
    every = models.PositiveSmallIntegerField()
    looked = models.PositiveIntegerField(default=0)
    wait = models.PositiveIntegerField(default=0)

    class Meta:
        """Table options."""

        db_table = "seeding"
