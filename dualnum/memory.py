"""Keeping the C library from giving memory back between two operations.

Eager array code allocates and frees arrays of one size all the time, and a tape is let go of all at once. glibc serves blocks
above 128 KiB with fresh pages of the operating system, and gives the end of its heap back whenever 128 KiB there are free; each
page costs a fault, and all of them several times the arithmetic. A process that has freed a large block moves both thresholds
by itself, so most programs do that by accident, unless the environment fixes them (as for the workers of a dask cluster, which
took five times as long for array code). We do it on purpose, once, before the first derivative of more than a few numbers.
"""

from __future__ import annotations

import sys

__all__ = ["LARGE", "settle_allocator"]

#: Elements of an array that make it worth while: some dozens of them, as a function makes on its way, reach 128 KiB.
LARGE = 1 << 8

# The parameters of `mallopt` (malloc.h), and what they are set to: blocks of up to 30 MiB, glibc takes no more, are part of the
# heap; and up to 120 MiB that are free at its end are kept.
_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1
_BLOCK, _KEPT = 30 << 20, 120 << 20

_settled = False


def settle_allocator() -> None:
    """Make glibc keep what is freed, within limits; elsewhere this has no effect."""
    global _settled
    if not _settled:
        _settled = True
        import ctypes  # which takes longer than most of the package

        mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
        if mallopt is not None:
            mallopt(_MMAP_THRESHOLD, _BLOCK)
            mallopt(_TRIM_THRESHOLD, _KEPT)
