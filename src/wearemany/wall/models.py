"""The log's head, its entries as rows, what waits for release, and the places of those who read along."""

from __future__ import annotations

from django.db import models

from wearemany.accounts.models import Account
from wearemany.campaigns.models import Campaign, PhaseChange
from wearemany.photos.models import Photo, Post
from wearemany.worker.due import Due


class LogHead(models.Model):
    """The one contended row of a campaign's log: everything up to `size` is sequenced and integrated.

    `edge` is the tree's right edge, `tally` the fold's state after `size` entries. `staged` names the
    bundle that holds what was swapped in but may not have been applied yet; while it is set nobody swaps.
    `published_size` and `published_tally` are what the public checkpoint is known to cover: what
    everybody may be told. `release_at` is when the next shuffled batch may go.
    """

    campaign = models.OneToOneField(Campaign, on_delete=models.PROTECT, primary_key=True, related_name="head")
    size = models.PositiveBigIntegerField(default=0)
    edge = models.BinaryField(default=b"")
    root = models.BinaryField(max_length=32, default=b"")
    tally = models.JSONField(default=dict)
    staged = models.CharField(max_length=80, blank=True, default="")
    published_size = models.PositiveBigIntegerField(default=0)
    published_tally = models.JSONField(default=dict)
    release_at = models.DateTimeField(null=True)

    class Meta:
        """Table options."""

        db_table = "log_head"


class Entry(models.Model):
    """One line of the wall as it stands in the log, and which row it speaks of.

    `live` is true for a `post` entry that no `removed` entry marks; the rest of `post`'s standing
    (photos, people, colour, repeat, commitment) is kept as last amended, so that a fold needs no other look-up.
    `edit_version` says which version of the post the standing speaks of; `is_repeat` is what the matcher
    found and the log may yet have to say. `post` is None where a recovered entry's post is not known any more.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="entries")
    position = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=10)
    line = models.BinaryField(max_length=512)
    day = models.DateField()
    of = models.PositiveBigIntegerField(null=True)
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="entries")
    phase_change = models.ForeignKey(PhaseChange, null=True, on_delete=models.PROTECT, related_name="entries")
    live = models.BooleanField(default=False)
    standing = models.JSONField(default=dict)
    commitment = models.BinaryField(max_length=32, null=True)
    edit_version = models.PositiveIntegerField(default=0)
    is_repeat = models.BooleanField(default=False)

    class Meta:
        """Table options."""

        db_table = "wall_entry"
        ordering = ("campaign", "position")
        constraints = (
            models.UniqueConstraint(fields=("campaign", "position"), name="one_entry_a_position"),
            models.UniqueConstraint(fields=("campaign", "commitment"), name="one_entry_a_commitment"),
        )
        indexes = (models.Index(fields=("campaign", "live", "position"), name="entry_live"),)


class DayFigures(models.Model):
    """What one day added to the log, counted by the consumer "figures": deleted with its cursor, it is made anew.

    `checkpoint` is the last signed count that was seen to end with an entry of that day, and `size` how many entries it
    covers: what the day's number can be checked with for ever.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="day_figures")
    day = models.DateField()
    joined = models.PositiveBigIntegerField(default=0)
    removed = models.PositiveBigIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    checkpoint = models.TextField(blank=True, default="")

    class Meta:
        """Table options."""

        db_table = "day_figures"
        ordering = ("campaign", "day")
        constraints = (models.UniqueConstraint(fields=("campaign", "day"), name="one_row_a_day"),)


class Cursor(models.Model):
    """How far a consumer has read a campaign's wall."""

    consumer = models.CharField(max_length=40)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="cursors")
    position = models.PositiveBigIntegerField(default=0)

    class Meta:
        """Table options."""

        db_table = "cursor"
        constraints = (
            models.UniqueConstraint(fields=("consumer", "campaign"), name="one_cursor_a_consumer"),
        )


class MirrorKey(models.Model):
    """A key by which somebody may keep a mirror with pictures; its secret is kept as a digest. Revoked means gone.

    `name` says for whom it is, to the team alone. `holds_from` is set while a second organiser has not agreed to what
    `asked_by` made: until then the key opens nothing.
    """

    id = models.CharField(primary_key=True, max_length=26)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="mirror_keys")
    name = models.CharField(max_length=80)
    secret_digest = models.BinaryField(max_length=32, unique=True)
    day = models.DateField()
    asked_by = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="+")
    holds_from = models.DateTimeField(null=True)

    class Meta:
        """Table options."""

        db_table = "mirror_key"


class Mirror(Due):
    """A mirror that somebody keeps, by its public address. Due when it is to be looked at again.

    `proved_at` is when it last proved to follow removals: while that is under a day ago, it stands in the signed list.
    `finding` says what the last look came to: empty when all was well, else a code of `mirror_probe.FINDINGS`.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="mirrors")
    url = models.CharField(max_length=300)
    proved_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    finding = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        """Table options."""

        db_table = "mirror"
        constraints = (models.UniqueConstraint(fields=("campaign", "url"), name="one_mirror_an_address"),)


class Matching(models.Model):
    """Who looks for repeats in a campaign: one process at a time, which keeps the fingerprints in its memory."""

    campaign = models.OneToOneField(
        Campaign, on_delete=models.CASCADE, primary_key=True, related_name="matching"
    )
    lease_owner = models.CharField(max_length=26, blank=True, default="")
    lease_until = models.DateTimeField(null=True)

    class Meta:
        """Table options."""

        db_table = "matching"


class Sighting(models.Model):
    """A photo that the matcher found to show a picture which another photo shows too; `picture` is what they share.

    The row goes with its photo; the others keep what they share, so that the picture outlives any one of them.
    """

    photo = models.OneToOneField(Photo, on_delete=models.CASCADE, primary_key=True, related_name="sighting")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="sightings")
    picture = models.CharField(max_length=26, db_index=True)

    class Meta:
        """Table options."""

        db_table = "sighting"


class ResemblanceState(models.TextChoices):
    """What a person said of two pictures."""

    WAITING = "waiting"
    SAME = "same"
    DIFFERENT = "different"


class Resemblance(models.Model):
    """The question to a person whether a photo shows the same picture as an earlier one; at most one a photo.

    `picture` is what the earlier one belongs to, and stays when that is erased. `place` is random: the queue has no
    order of arrival. `account` is whose word the answer is, `turn` the order of answers, for undoing; after a month
    both are forgotten.
    """

    photo = models.OneToOneField(
        Photo, on_delete=models.CASCADE, primary_key=True, related_name="resemblance"
    )
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="resemblances")
    earlier = models.ForeignKey(Photo, null=True, on_delete=models.SET_NULL, related_name="resembled_by")
    picture = models.CharField(max_length=26, db_index=True)
    turned = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=9, choices=ResemblanceState.choices, default=ResemblanceState.WAITING)
    place = models.BinaryField(max_length=8)
    account = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="+")
    turn = models.PositiveBigIntegerField(null=True)
    day = models.DateField(null=True)

    class Meta:
        """Table options."""

        db_table = "resemblance"
        indexes = (models.Index(fields=("campaign", "state", "place"), name="resemblance_queue"),)


class Cosigning(Due):
    """What a witness has cosigned of a campaign's log; due while something newer is public.

    `size`, `root` and `line` (of a signed note) are its newest cosignature, verified before it was kept; size 0 before
    the first. `known_size` is what the witness is thought to have seen last: where the next proof begins.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="cosignings")
    witness = models.CharField(max_length=300)
    known_size = models.PositiveBigIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    root = models.BinaryField(max_length=32, default=b"")
    line = models.CharField(max_length=600, default="")

    class Meta:
        """Table options."""

        db_table = "cosigning"
        constraints = (
            models.UniqueConstraint(fields=("campaign", "witness"), name="one_cosigning_a_witness"),
        )
