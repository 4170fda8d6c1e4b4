"""Copies of a wall that others keep: made, shown without scripts, listed while they follow, looked after."""
