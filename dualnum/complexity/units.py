"""How times, memory and tables of them are written."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["aligned", "duration", "memory"]


def duration(seconds: float) -> str:
    """Time with three digits, in the unit that fits.

    Examples
    --------
    >>> from dualnum.complexity.units import duration
    >>> duration(0.01234)
    '12.3 ms'
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def memory(count: float) -> str:
    """Bytes with three digits, in the unit that fits.

    Examples
    --------
    >>> from dualnum.complexity.units import memory
    >>> memory(2_345_678)
    '2.35 MB'
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count:.0f} B"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column stands to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in rows
    )
