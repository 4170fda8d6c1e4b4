"""Reviews, decisions, claims, sweeps. Decisions are only ever added; the newest one that is not undone holds."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from wearemany.campaigns.models import Campaign
from wearemany.moderation.seed_models import Seed as Seed
from wearemany.moderation.seed_models import Seeding as Seeding
from wearemany.moderation.seed_models import Shows as Shows
from wearemany.photos.models import Photo, Post
from wearemany.worker.due import Due


class Review(models.Model):
    """A post waiting for a person. Handed out to one moderator at a time, for a while.

    `place` is random: the queue has no order of arrival. `words_digest` stands for the words as they were
    handed out, so that nobody approves words that the author changed meanwhile.
    """

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="review")
    reasons = models.JSONField(default=list)
    place = models.BinaryField(max_length=8)
    open = models.BooleanField(default=True)
    handed_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    handed_until = models.DateTimeField(null=True)
    words_digest = models.BinaryField(max_length=32, default=b"")

    class Meta:
        """Table options."""

        db_table = "review"


class DecisionKind(models.TextChoices):
    """What was decided of a post."""

    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"


class Decision(models.Model):
    """Approve, reject or withdraw, by policy, by a person of the team, or by the author.

    A decision is never changed, only undone.
    `colour` is a moderator's word on whether the colour is worn; None leaves that to the verdict. After
    30 days `account` gives way to `pseudonym`, which still groups one moderator's acts of one month.
    """

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="decisions")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=DecisionKind.choices)
    reason = models.CharField(max_length=40, blank=True)
    by = models.CharField(
        max_length=6, choices=(("policy", "policy"), ("person", "person"), ("author", "author"))
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    pseudonym = models.CharField(max_length=16, blank=True, default="")
    colour = models.BooleanField(null=True, default=None)
    undone = models.BooleanField(default=False)
    day = models.DateField()

    class Meta:
        """Table options."""

        db_table = "decision"
        ordering = ("post", "position")
        constraints = (models.UniqueConstraint(fields=("post", "position"), name="one_decision_a_position"),)


class ClaimKind(models.TextChoices):
    """What somebody who has no code for a post says of it."""

    LOST_CODE = "lost-code"
    PICTURED = "pictured"


class ClaimOutcome(models.TextChoices):
    """What became of a claim: the post taken down, shown (again), or gone by its author's own hand."""

    TAKEN_DOWN = "taken-down"
    SHOWN = "shown"
    GONE = "gone"


class Claim(models.Model):
    """Somebody's word, without a code, that a post is theirs or shows them. A person decides it; nobody is named.

    While it is open and `hides`, the post is out of sight everywhere. `number_digest` stands for the number by which
    the claimer sees the outcome. `decision` is what closed it; undoing that opens it again. `words` go when
    the post is erased, and the whole row a month after `day`, which is then the day of the outcome.
    """

    id = models.CharField(primary_key=True, max_length=26)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="claims")
    kind = models.CharField(max_length=10, choices=ClaimKind.choices)
    words = models.TextField(max_length=300, blank=True)
    number_digest = models.BinaryField(max_length=32, unique=True)
    open = models.BooleanField(default=True)
    hides = models.BooleanField(default=False)
    outcome = models.CharField(max_length=10, choices=ClaimOutcome.choices, blank=True, default="")
    decision = models.ForeignKey(Decision, null=True, on_delete=models.SET_NULL, related_name="+")
    day = models.DateField()

    class Meta:
        """Table options."""

        db_table = "claim"
        indexes = (
            models.Index(fields=("post",), name="claim_hides", condition=models.Q(open=True, hides=True)),
        )


class Erasure(Due):
    """A post to erase when its time comes: at once when taken back, after the appeal term when rejected.

    Left in the same transaction as the decision; the row goes when nothing personal is left, so a
    killed server finishes what it had begun. `account` is who of the team asked for it: until a second person
    agrees, it waits for the set delay.
    """

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="erasure")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        """Table options."""

        db_table = "erasure"


class CampaignErasure(Due):
    """A whole campaign to erase: asked for by `account`, due after the set delay, or at once. Stays when all is done.

    Everything of people is out of sight from the start (`Campaign.shut`). Due again and again until nothing personal
    is left, then `done_day` is set: a killed server goes on where it was.
    """

    campaign = models.OneToOneField(
        Campaign, on_delete=models.CASCADE, primary_key=True, related_name="erasure"
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    done_day = models.DateField(null=True)

    class Meta:
        """Table options."""

        db_table = "campaign_erasure"


class CheckIn(Due):
    """An organisers' promise to look in every `every_days` days; when nobody does, the campaign burns at `due_at`."""

    campaign = models.OneToOneField(
        Campaign, on_delete=models.CASCADE, primary_key=True, related_name="check_in"
    )
    every_days = models.PositiveSmallIntegerField()

    class Meta:
        """Table options."""

        db_table = "check_in"


class Sweep(Due):
    """One act on a burst of posts: hold them all, or refuse them all. Shown before; the worker does and undoes it.

    `state`: planned (shown, nothing done), doing, done, undoing, undone. `kind` is what made the posts look alike.
    The row and its posts' are forgotten a month after `day`, a plan after a day; what was decided stays.
    """

    id = models.CharField(primary_key=True, max_length=26)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="sweeps")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    kind = models.CharField(max_length=10)
    act = models.CharField(max_length=6, blank=True, default="")
    reason = models.CharField(max_length=40, blank=True, default="")
    state = models.CharField(max_length=8, default="planned")
    spared = models.PositiveIntegerField(default=0)
    day = models.DateField()

    class Meta:
        """Table options."""

        db_table = "sweep"


class SweptPost(models.Model):
    """A post of a sweep. `state`: empty (untouched), held (it was on its way), refused, or passed (nothing to do).

    `decision` is the refusal that undoing takes back.
    """

    sweep = models.ForeignKey(Sweep, on_delete=models.CASCADE, related_name="posts")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, blank=True, default="")
    decision = models.ForeignKey(Decision, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        """Table options."""

        db_table = "swept_post"
        constraints = (models.UniqueConstraint(fields=("sweep", "post"), name="one_sweep_once_a_post"),)


class Likeness(models.Model):
    """A photo's place among nearly the same pictures of two days: those of one `group` are near its first one.

    The group's name is random and says nothing of the picture. Goes with the post, or after two days.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+")
    photo = models.OneToOneField(Photo, on_delete=models.CASCADE, related_name="+")
    group = models.CharField(max_length=26)

    class Meta:
        """Table options."""

        db_table = "likeness"
        indexes = (
            models.Index(fields=("campaign", "id"), name="likeness_in_turn"),
            models.Index(fields=("group",), name="likeness_group"),
        )


class ReportKind(models.TextChoices):
    """What somebody without an account says is wrong with a post."""

    UNSAFE = "unsafe"
    NOT_OWN = "not-own"
    CHILD = "child"
    NUDITY = "nudity"
    VIOLENCE = "violence"
    HATE = "hate"
    ADVERTISING = "advertising"
    OTHER = "other"


class ReportPlace(models.TextChoices):
    """Where in the post it is."""

    PICTURE = "picture"
    WORDS = "words"
    LINK = "link"


class ReportOutcome(models.TextChoices):
    """What became of a report: the post hidden or kept, gone by its author's hand, or the report taken back."""

    TAKEN_DOWN = "taken-down"
    KEPT = "kept"
    GONE = "gone"
    WITHDRAWN = "withdrawn"


class Report(models.Model):
    """Somebody's word, without an account, that a post breaks a rule. It hides nothing; nobody is named.

    `number_digest` stands for the number by which the reporter sees the outcome. `decision` is what answered it;
    undoing that opens it again. `words` go when the post is erased, the row a month after `day`, then the day of the
    outcome.
    """

    id = models.CharField(primary_key=True, max_length=26)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="reports")
    kind = models.CharField(max_length=12, choices=ReportKind.choices)
    place = models.CharField(max_length=8, choices=ReportPlace.choices, blank=True, default="")
    words = models.TextField(max_length=300, blank=True)
    number_digest = models.BinaryField(max_length=32, unique=True)
    open = models.BooleanField(default=True)
    outcome = models.CharField(max_length=10, choices=ReportOutcome.choices, blank=True, default="")
    decision = models.ForeignKey(Decision, null=True, on_delete=models.SET_NULL, related_name="+")
    day = models.DateField()

    class Meta:
        """Table options."""

        db_table = "report"
        indexes = (models.Index(fields=("post",), name="report_open", condition=models.Q(open=True)),)


class Appeal(models.Model):
    """An author's wish that another person looks at a rejection. `answer` is what that person decided.

    The words and the row go with the post, or a month after the answer.
    """

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="appeals")
    against = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="+")
    answer = models.ForeignKey(Decision, null=True, on_delete=models.SET_NULL, related_name="+")
    words = models.TextField(max_length=500, blank=True)
    open = models.BooleanField(default=True)
    day = models.DateField()

    class Meta:
        """Table options."""

        db_table = "appeal"
        constraints = (
            models.UniqueConstraint(
                fields=("post",), name="one_open_appeal_a_post", condition=models.Q(open=True)
            ),
        )


class Look(models.Model):
    """How many posts somebody of the team was shown on a day: a number, not which ones and not when."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    shown = models.PositiveIntegerField(default=0)

    class Meta:
        """Table options."""

        db_table = "look"
        constraints = (
            models.UniqueConstraint(fields=("campaign", "account", "day"), name="one_look_count_a_day"),
        )


class Reversal(models.Model):
    """Everything that held by one person's word, undone in one act by another; can be undone itself for a month."""

    id = models.CharField(primary_key=True, max_length=26)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+")
    whose = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    undone = models.BooleanField(default=False)
    day = models.DateField()

    class Meta:
        """Table options."""

        db_table = "reversal"


class ReversedDecision(models.Model):
    """One decision that a reversal undid; written in the transaction that did, so that it stops nowhere half-way."""

    reversal = models.ForeignKey(Reversal, on_delete=models.CASCADE, related_name="decisions")
    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="+")

    class Meta:
        """Table options."""

        db_table = "reversed_decision"
