"""A campaign, its call in every language, who may do what in it, its phases, and its story.

Nothing here knows of posts: numbers come from the wall.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from wearemany.worker.due import Due


class Preset(models.TextChoices):
    """How careful the campaign is with people. No default: the organiser decides at opening."""

    EVERYDAY = "everyday"
    CAREFUL = "careful"
    DANGEROUS = "dangerous"


class Phase(models.TextChoices):
    """Where a campaign stands. The words are those of the log's `phase` entries, but `opened` covers resumed."""

    OPENED = "opened"
    PAUSED = "paused"
    CLOSED = "closed"


class Shut(models.TextChoices):
    """Whether everything of people is kept from sight: it is to be erased, or is; or nobody knows what may be shown.

    `restored` is a campaign that came back from a backup and was not compared with the public log yet.
    """

    NO = ""
    ASKED = "asked"
    ERASED = "erased"
    RESTORED = "restored"


class Campaign(models.Model):
    """One wear-a-colour action. `handle` and `origin` are frozen at opening.

    `shut` stands above its phase: from `asked` on no post is shown and none is taken, `erased` cannot be undone.

    `visible_version` goes up whenever something public must be seen to change at once (a post taken
    back, a comment removed): every node compares it before it serves anything cached.
    `doors_frozen` and `wall_frozen` are the panic switch, `guarded` asks browsers for a proof of work (`freezing`),
    `asks_word` people for the word of the day on paper in the picture.
    """

    handle = models.CharField(max_length=40, unique=True)
    origin = models.CharField(max_length=200, unique=True)
    phrase = models.CharField(max_length=120)
    tag = models.CharField(max_length=120)
    match_keys = models.JSONField(default=list)
    colour = models.CharField(max_length=10)
    garments = models.CharField(max_length=10, default="anything")
    honouree = models.CharField(max_length=120, blank=True)
    preset = models.CharField(max_length=10, choices=Preset.choices)
    settings = models.JSONField(default=dict)
    languages = models.JSONField(default=list)
    time_zone = models.CharField(max_length=60, default="UTC")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    phase = models.CharField(max_length=10, choices=Phase.choices, default=Phase.OPENED)
    shut = models.CharField(max_length=8, choices=Shut.choices, default=Shut.NO, blank=True)
    visible_version = models.PositiveIntegerField(default=1)
    stream_version = models.PositiveIntegerField(default=1)
    doors_frozen = models.BooleanField(default=False)
    wall_frozen = models.BooleanField(default=False)
    guarded = models.BooleanField(default=False)
    asks_word = models.BooleanField(default=False)

    class Meta:
        """Table options."""

        db_table = "campaign"

    def __str__(self) -> str:
        return self.handle


class CampaignText(models.Model):
    """The campaign's own words in one language: title, call, who the honouree is, who runs it and from where.

    `legal_aid` are lines for whoever is questioned or detained: whom to call, where to write.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=35)
    title = models.CharField(max_length=120)
    call = models.TextField(max_length=2000)
    about_honouree = models.TextField(max_length=2000, blank=True)
    run_by = models.CharField(max_length=300, blank=True)
    run_from = models.CharField(max_length=200, blank=True, default="")
    legal_aid = models.TextField(max_length=1000, blank=True, default="")

    class Meta:
        """Table options."""

        db_table = "campaign_text"
        constraints = (models.UniqueConstraint(fields=("campaign", "language"), name="one_text_a_language"),)


class Tightening(Due):
    """A campaign whose rules were made stricter: due until everything that is public already is as they ask.

    `total` is how many posts had to be changed when that began. `holds_comments` says that comments which were shown
    at once must be looked at by a person, or must go. The row stays when all is done, so that the desk can say so.
    """

    campaign = models.OneToOneField(
        Campaign, on_delete=models.CASCADE, primary_key=True, related_name="tightening"
    )
    total = models.PositiveIntegerField(default=0)
    holds_comments = models.BooleanField(default=False)

    class Meta:
        """Table options."""

        db_table = "tightening"


class CallSpecRow(models.Model):
    """The call as frozen numbers that the darkroom judges by; a new version never changes an old one."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="call_specs")
    version = models.PositiveSmallIntegerField()
    spec = models.JSONField()

    class Meta:
        """Table options."""

        db_table = "call_spec"
        constraints = (
            models.UniqueConstraint(fields=("campaign", "version"), name="one_call_spec_a_version"),
        )


class PhaseChange(models.Model):
    """Opened, paused, resumed or closed, with the notice in words. The wall turns each into an entry, in order."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="phase_changes")
    position = models.PositiveIntegerField()
    phase = models.CharField(max_length=10)
    notice = models.JSONField(default=dict)
    text_digest = models.BinaryField(max_length=32)
    day = models.DateField()

    class Meta:
        """Table options."""

        db_table = "phase_change"
        ordering = ("campaign", "position")
        constraints = (
            models.UniqueConstraint(fields=("campaign", "position"), name="one_change_a_position"),
        )


class Role(models.TextChoices):
    """What an account may do in a campaign."""

    ORGANISER = "organiser"
    MODERATOR = "moderator"


class Membership(models.Model):
    """An account's role in a campaign."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="memberships")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=Role.choices)

    class Meta:
        """Table options."""

        db_table = "membership"
        constraints = (models.UniqueConstraint(fields=("campaign", "account"), name="one_role_an_account"),)


class Voice(models.Model):
    """Somebody whose words the campaign vouches for, such as the honouree, and how she is known to be herself."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="voices")
    name = models.CharField(max_length=120)
    is_honouree = models.BooleanField(default=False)
    how_known = models.JSONField(default=dict)

    class Meta:
        """Table options."""

        db_table = "voice"


class GroupKind(models.TextChoices):
    """Who is in a group's pictures. Minors are always covered, always looked at, and nowhere but on the wall."""

    ADULTS = "adults"
    MINORS = "minors"


class GroupInvitation(models.Model):
    """A link by which a group's leader may post for a class, a union, a town. Its secret is kept as a digest only.

    `name` is the organisers' own and never public. `used` counts the posts made, `most` bounds it. While `held`,
    whatever comes by it waits for a person. The row goes a month after its last day.
    """

    id = models.CharField(primary_key=True, max_length=26)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="invitations")
    token_digest = models.BinaryField(max_length=32, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=GroupKind.choices)
    most = models.PositiveSmallIntegerField()
    used = models.PositiveSmallIntegerField(default=0)
    expires_on = models.DateField()
    revoked = models.BooleanField(default=False)
    held = models.BooleanField(default=False)

    class Meta:
        """Table options."""

        db_table = "group_invitation"


class StoryKind(models.TextChoices):
    """What kind of line in the campaign's story this is."""

    ANNOUNCEMENT = "announcement"
    STATEMENT = "statement"
    TALLY = "tally"
    MILESTONE = "milestone"


class StoryItem(models.Model):
    """An announcement, a statement, a sourced tally or a milestone. A revision replaces, and keeps, the one before.

    `number` and `counted` belong to a sourced tally: the figure and what was counted. `side` says whose
    statement it is, so that denials stand beside what they deny.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="story")
    kind = models.CharField(max_length=12, choices=StoryKind.choices)
    day = models.DateField()
    who = models.CharField(max_length=160, blank=True)
    side = models.CharField(max_length=60, blank=True)
    source_name = models.CharField(max_length=160, blank=True)
    source_url = models.URLField(max_length=500, blank=True)
    number = models.CharField(max_length=40, blank=True)
    help_line = models.CharField(max_length=200, blank=True)
    answers = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="answered_by"
    )
    revises = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="revised_by"
    )

    class Meta:
        """Table options."""

        db_table = "story_item"


class StoryText(models.Model):
    """The words of a story item in one language; exactly one of them is the original."""

    item = models.ForeignKey(StoryItem, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=35)
    is_original = models.BooleanField(default=False)
    text = models.TextField(max_length=4000)

    class Meta:
        """Table options."""

        db_table = "story_text"
        constraints = (
            models.UniqueConstraint(fields=("item", "language"), name="one_story_text_a_language"),
        )
