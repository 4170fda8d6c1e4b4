"""Witnesses: asking others to vouch for this wall, and vouching for theirs."""
