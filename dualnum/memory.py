"""Keeping the C library from giving memory back between two operations.

Eager array code allocates and frees arrays of one size all the time. glibc serves those above 128 KiB with fresh pages of
the operating system, and gives the end of its heap back whenever 128 KiB there are free; each page costs a fault, and all
of them several times the arithmetic. Once a process has freed a large block, glibc learns from it and keeps more
(``M_MMAP_THRESHOLD`` and ``M_TRIM_THRESHOLD`` are dynamic). Most programs do that by accident; we do it on purpose, once,
before the first derivative of more than a few numbers. The block is never touched, so it costs no memory.
"""

from __future__ import annotations

import numpy as np

__all__ = ["LARGE", "settle_allocator"]

#: Elements of an array that make it worth while: some dozens of them, as a function makes on its way, reach 128 KiB.
LARGE = 1 << 8

# glibc learns from blocks of up to 32 MiB.
_BYTES = 30 << 20

_settled = False


def settle_allocator() -> None:
    """Make glibc keep freed blocks of up to that size; elsewhere this has no effect."""
    global _settled
    if not _settled:
        _settled = True
        block = np.empty(_BYTES, np.uint8)
        del block
