"""The columns of work that lives in rows. Claiming, backing off and giving up are in `claims`."""

from __future__ import annotations

from django.db import models


class Due(models.Model):
    """A row that a step will pick up when `due_at` has come and nobody holds a living lease on it.

    `due_at` is None when there is nothing (more) to do. A worker that dies leaves its lease to run out;
    the row is then claimed by another. `trouble` is the last error's code, for the operator.
    """

    due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=26, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        """Only a mixin: no table of its own."""

        abstract = True
