"""What is said under a post, and likes. The honouree's answer is a pinned comment of a voice."""

from __future__ import annotations

from django.db import models

from wearemany.campaigns.models import Voice
from wearemany.photos.models import Post


class CommentState(models.TextChoices):
    """Held comments wait for a person; only shown ones are public."""

    HELD = "held"
    SHOWN = "shown"
    REMOVED = "removed"


class Comment(models.Model):
    """A few words under a post. `translations` maps language tags to text."""

    id = models.CharField(primary_key=True, max_length=26)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="comments")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=60, blank=True)
    text = models.TextField(max_length=500)
    language = models.CharField(max_length=35)
    translations = models.JSONField(default=dict)
    voice = models.ForeignKey(Voice, null=True, blank=True, on_delete=models.PROTECT, related_name="comments")
    pinned = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=CommentState.choices)

    class Meta:
        """Table options."""

        db_table = "comment"
        ordering = ("post", "position")
        constraints = (models.UniqueConstraint(fields=("post", "position"), name="one_comment_a_position"),)


class Like(models.Model):
    """Somebody liked a post: a keyed digest of a random cookie and this post, useless for any other post."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="likes")
    liker_digest = models.BinaryField(max_length=32)

    class Meta:
        """Table options."""

        db_table = "post_like"
        constraints = (models.UniqueConstraint(fields=("post", "liker_digest"), name="one_like_a_liker"),)
