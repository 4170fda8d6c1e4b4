"""Attacks on the promises of the threat page, a test or more for each of its rows. Each says by its mark which row."""
