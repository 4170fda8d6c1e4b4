"""A supporter's contribution on its way and at rest. Nothing here says whether it is public: the wall knows.

Ids are random. Times are only those that work needs, and are gone or rounded to the day once it is done.
"""

from __future__ import annotations

from django.db import models

from wearemany.campaigns.models import Campaign, GroupInvitation
from wearemany.worker.due import Due


class Upload(models.Model):
    """Bytes as they arrived, sealed in the blob store under the key in this row.

    Row and blob are gone after development, or after a day.
    `form_digest` ties an upload to the form it was sent from, so that nobody else can claim it.
    """

    id = models.CharField(primary_key=True, max_length=26)
    form_digest = models.BinaryField(max_length=32, db_index=True)
    blob = models.CharField(max_length=80, unique=True)
    wrapped_key = models.BinaryField(max_length=120)
    size_bytes = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        """Table options."""

        db_table = "upload"


class ResumableUpload(models.Model):
    """A photo that arrives piece by piece. Its id is the id of the `Upload` that it becomes.

    `whole` is that upload once all is here: the row stays beside it, so that whoever lost the last answer still
    learns that nothing is missing, and goes with it, when the photo is developed, so that nothing outlives that.
    """

    id = models.CharField(primary_key=True, max_length=26)
    form_digest = models.BinaryField(max_length=32, db_index=True)
    length_bytes = models.PositiveIntegerField()
    offset_bytes = models.PositiveIntegerField(default=0)
    whole = models.OneToOneField(Upload, null=True, on_delete=models.CASCADE, related_name="resumable")
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        """Table options."""

        db_table = "resumable_upload"


class ResumablePart(models.Model):
    """One piece of a resumable upload: a sealed blob of its own, under the key in this row, until all are here."""

    upload = models.ForeignKey(ResumableUpload, on_delete=models.CASCADE, related_name="parts")
    offset_bytes = models.PositiveIntegerField()
    size_bytes = models.PositiveIntegerField()
    blob = models.CharField(max_length=80, unique=True)
    wrapped_key = models.BinaryField(max_length=120)

    class Meta:
        """Table options."""

        db_table = "resumable_part"
        ordering = ("offset_bytes",)
        constraints = (models.UniqueConstraint(fields=("upload", "offset_bytes"), name="one_part_an_offset"),)


class CoverChoice(models.TextChoices):
    """Whose face is covered: everybody's, the others', or nobody's since everyone agreed to be seen."""

    EVERYBODY = "everybody"
    OTHERS = "others"
    NOBODY = "nobody"


class Post(models.Model):
    """One to four photos, a caption, consents, and the keep-code's digest that owns it all.

    `confirmed` is the author's word that the covered picture is right; without it, where a cover was
    asked, nothing is public. `ready` is true while every photo is developed and none waits for more
    cover. `awaits_decision` is where moderation looks: set when the post is ready and confirmed, or was
    edited since; moderation's step clears it by taking the post up. `edit` holds words that the author
    changed after that; nobody reads them until they are decided too. `edit_version` goes up with every
    change of what the wall commits to. `door` says which way the post came in: empty for the page, else one of
    `orders.DOORS`; it is never public. `elsewhere` is where the author posted it too, kept only to be shown.
    `group` is the invitation by which a group's leader sent it. `hushed` holds the words, sealed, while the team keeps
    the post out of sight; their columns are empty then (`photos.hushed`).
    Erased posts keep only this bare row.
    """

    id = models.CharField(primary_key=True, max_length=26)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="posts")
    code_digest = models.BinaryField(max_length=32, unique=True, null=True)
    language = models.CharField(max_length=35)
    caption = models.TextField(max_length=1000, blank=True)
    name = models.CharField(max_length=60, blank=True)
    people = models.PositiveSmallIntegerField(default=1)
    cover = models.CharField(max_length=10, choices=CoverChoice.choices)
    confirmed = models.BooleanField(default=False)
    terms_version = models.CharField(max_length=20)
    is_opening = models.BooleanField(default=False)
    is_drawn = models.BooleanField(default=False)
    ready = models.BooleanField(default=False)
    erased = models.BooleanField(default=False)
    awaits_decision = models.BooleanField(default=False)
    edit = models.JSONField(default=dict)
    edit_version = models.PositiveIntegerField(default=1)
    received_day = models.DateField()
    group = models.ForeignKey(
        GroupInvitation, null=True, blank=True, on_delete=models.SET_NULL, related_name="posts"
    )
    elsewhere = models.URLField(max_length=300, blank=True, default="")
    door = models.CharField(max_length=10, blank=True, default="")
    hushed = models.BinaryField(null=True, default=None)

    class Meta:
        """Table options."""

        db_table = "post"
        indexes = (
            models.Index(
                fields=("campaign",), name="post_awaits_decision", condition=models.Q(awaits_decision=True)
            ),
            models.Index(fields=("campaign",), name="post_is_opening", condition=models.Q(is_opening=True)),
        )


class Untold(models.Model):
    """A change of a post that the wall may have to tell of, left in the change's own transaction.

    The wall deletes the row once nothing of it is left to tell; `waits` is its note that the post is approved and
    waits for its release. Ids are never used twice, so whoever deletes what it read deletes nothing newer.
    """

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="untold")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="untold")
    waits = models.BooleanField(default=False)

    class Meta:
        """Table options."""

        db_table = "untold"
        indexes = (models.Index(fields=("campaign", "waits", "id"), name="untold_in_turn"),)


class CodeForgetting(Due):
    """A post whose code is to be forgotten; there from the start where its author wanted none.

    Due some minutes after nothing waits for the author any more. The row goes when the database's own files
    hold the digest no longer, so a killed server finishes what it had begun.
    """

    post = models.OneToOneField(
        Post, on_delete=models.CASCADE, primary_key=True, related_name="code_forgetting"
    )

    class Meta:
        """Table options."""

        db_table = "code_forgetting"


class PostKey(models.Model):
    """What must die first when a post is erased: the key of its blobs and the salt of its commitment.

    Kept in a table of its own so that backups can treat it apart.
    """

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="key")
    wrapped_key = models.BinaryField(max_length=120)
    wrapped_salt = models.BinaryField(max_length=120)

    class Meta:
        """Table options."""

        db_table = "post_key"


class ConsentKind(models.TextChoices):
    """What a supporter may agree to, each on its own and never pre-ticked."""

    WALL = "wall"
    FEDIVERSE = "fediverse"
    PRESS = "press"
    MOSAIC = "mosaic"
    MIRRORS = "mirrors"


class Consent(models.Model):
    """One consent, with the version and language of the sentence that was agreed to."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="consents")
    kind = models.CharField(max_length=10, choices=ConsentKind.choices)
    text_version = models.CharField(max_length=20)
    language = models.CharField(max_length=35)
    day = models.DateField()

    class Meta:
        """Table options."""

        db_table = "consent"
        constraints = (models.UniqueConstraint(fields=("post", "kind"), name="one_consent_a_kind"),)


class Photo(Due):
    """One picture in a post. Due while it waits for the darkroom; `upload` is set only until then.

    `refused_code` is set when the bytes cannot become a photo, `refused_values` fills in its sentence;
    `drawn` are cover boxes drawn by hand, as fractions `[x0, y0, x1, y1]` of the upright picture.
    """

    id = models.CharField(primary_key=True, max_length=26)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="photos")
    position = models.PositiveSmallIntegerField()
    upload = models.OneToOneField(Upload, null=True, on_delete=models.SET_NULL, related_name="photo")
    alt = models.CharField(max_length=1500, blank=True)
    drawn = models.JSONField(default=list)
    refused_code = models.CharField(max_length=60, blank=True, default="")
    refused_values = models.JSONField(default=dict)

    class Meta:
        """Table options."""

        db_table = "photo"
        ordering = ("post", "position")
        constraints = (models.UniqueConstraint(fields=("post", "position"), name="one_photo_a_position"),)


class Development(models.Model):
    """The record of one pass through the darkroom: what was measured, what the verdict was, and why.

    `faces` and `outline` are fractions of the upright picture. No face is described, only its place. `judged_by`
    keeps what an old verdict can be explained with: the call spec, the network's digest, the rule's version, and
    the likelihood of each colour; empty for those of earlier versions of the program.
    """

    photo = models.OneToOneField(
        Photo, on_delete=models.CASCADE, primary_key=True, related_name="development"
    )
    spec_version = models.PositiveSmallIntegerField()
    verdict = models.CharField(max_length=8)
    score = models.FloatField()
    reasons = models.JSONField(default=list)
    advice = models.JSONField(default=list)
    garment_colour = models.CharField(max_length=10, blank=True)
    judged_by = models.JSONField(default=dict)
    outline = models.JSONField(default=list)
    faces = models.JSONField(default=list)
    fingerprint = models.BinaryField(max_length=32)
    fingerprint_quality = models.PositiveSmallIntegerField()
    placeholder = models.BinaryField(max_length=1200)
    crop = models.JSONField(default=list)
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    ms = models.PositiveIntegerField()

    class Meta:
        """Table options."""

        db_table = "development"


class Rendition(models.Model):
    """An encoded, covered, sized copy: sealed under its post's key, at a random public `name`."""

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="renditions")
    size = models.CharField(max_length=8)
    format = models.CharField(max_length=5)
    name = models.CharField(max_length=26, unique=True)
    blob = models.CharField(max_length=80, unique=True)
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    size_bytes = models.PositiveIntegerField()
    digest = models.BinaryField(max_length=32)

    class Meta:
        """Table options."""

        db_table = "rendition"
        constraints = (
            models.UniqueConstraint(fields=("photo", "size", "format"), name="one_rendition_a_size"),
        )


class DoomedBlob(Due):
    """A blob that must be deleted: left here in the transaction that forgot it, swept until it is gone."""

    blob = models.CharField(max_length=80, unique=True)

    class Meta:
        """Table options."""

        db_table = "doomed_blob"
