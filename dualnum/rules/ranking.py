"""Order statistics of the neighbours of each element, as the filters of SciPy take them."""

from __future__ import annotations

import numpy as np

from dualnum.rules.convolving import extended, is_plain_zero

__all__ = ["neighbours", "ranked"]


def neighbours(x, footprint, modes, origins):
    """The elements that a footprint covers around each element, along a new last axis; `footprint` has all axes of `x`."""
    shape = x.shape
    for axis, (n, mode, origin) in enumerate(zip(footprint.shape, modes, origins, strict=True)):
        before = n // 2 + origin
        if n > 1 or origin:
            x = extended(x, axis, before, n - 1 - before, mode)
    places = np.argwhere(footprint).tolist()
    return np.stack([x[tuple(slice(i, i + n) for i, n in zip(place, shape, strict=True))] for place in places], -1)


def ranked(x, footprint, modes, origins, cval, rank):
    """The element of a rank among the neighbours; beyond the ends there is `cval` in the mode "constant"."""
    moved = not is_plain_zero(cval) and any(mode in ("constant", "grid-constant") for mode in modes)
    near = neighbours(x - cval if moved else x, footprint, modes, origins)
    count = near.shape[-1]
    rank %= count
    if rank == 0:
        y = np.min(near, -1)
    elif rank == count - 1:
        y = np.max(near, -1)
    else:
        y = np.sort(near, -1)[..., rank]
    return y + cval if moved else y
