"""We Are Many: a server for wear-a-colour photo campaigns, with a count that anyone can check."""

__version__ = "0.1.0"
