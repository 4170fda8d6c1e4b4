"""Counting a wall again from its public files: for the command, and as one page for any browser."""
