"""Pieces of code in which a derivative could get lost, one in each line."""

__all__ = ["lines"]


def lines(text):
    return [line.strip() for line in text.splitlines() if line.strip()]
