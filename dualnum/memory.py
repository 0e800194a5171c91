"""Keeping the C library from giving memory back between two operations.

Eager array code allocates and frees arrays of one size all the time. glibc serves those above 128 KiB with fresh pages of
the operating system, and gives the end of its heap back whenever 128 KiB there are free; each page costs a fault, and all
of them several times the arithmetic. Once a process has freed a large block, glibc learns from it and keeps more
(``M_MMAP_THRESHOLD`` and ``M_TRIM_THRESHOLD`` are dynamic). Most programs do that by accident; we do it on purpose, once,
before the first derivative of more than a few numbers. The block is never touched, so it costs no memory.

Even then, glibc gives back what is free at the end of its heap where that is more than twice the block; and a tape is let go
of all at once. So some blocks are made free below a byte that stays: up to there, glibc keeps what was used.
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np

__all__ = ["LARGE", "settle_allocator"]

#: Elements of an array that make it worth while: some dozens of them, as a function makes on its way, reach 128 KiB.
LARGE = 1 << 8

# glibc learns from blocks of up to 32 MiB.
_BYTES = 30 << 20
_BLOCKS = 4

_settled = False
_end: np.ndarray | None = None


def settle_allocator() -> None:
    """Make glibc keep freed blocks of up to that size; elsewhere this has no effect."""
    global _settled, _end
    if not _settled:
        _settled = True
        with suppress(MemoryError):
            block = np.empty(_BYTES, np.uint8)
            del block
            # Each a little smaller than the first, or it would lie apart from the heap as that did.
            blocks = [np.empty(_BYTES - (1 << 16), np.uint8) for _ in range(_BLOCKS)]
            _end = np.empty(1 << 20, np.uint8)  # too large for the gaps below; it stays where it is when it shrinks
            _end.resize(1, refcheck=False)
            del blocks
