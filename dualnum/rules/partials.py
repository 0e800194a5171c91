"""What partials are made of."""

from __future__ import annotations

import numpy as np

__all__ = ["is_complex", "one_over", "over", "usually_over"]

# From so many elements on, fresh memory takes longer than to say where the result goes.
_MANY = 1 << 16


def over(number, x):
    """Divide a number by what nobody else holds; by many doubles, in their memory."""
    if x.size < _MANY or x.__class__ is not np.ndarray or x.dtype.char != "d":
        return number / x
    return np.divide(number, x, x)


def one_over(divisor):
    """Partial 1 / divisor(out, x). Forward mode divides by the divisor itself, which takes an operation less."""

    def partial(out, x):
        y = divisor(out, x)
        return 1 / y if y is x else over(1, y)

    partial.checks = partial.divisor = divisor
    return partial


def usually_over(divisor):
    """Name what a partial is one over as long as that does not overflow."""

    def named(partial):
        partial.divisor = divisor
        return partial

    return named


def is_complex(x):
    """Whether numbers are complex."""
    return x.dtype.kind == "c"
