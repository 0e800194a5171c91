"""What solvers return, with a solution that carries derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import OptimizeResult

from dualnum.dispatch import primal_all
from dualnum.errors import NoRuleError

__all__ = ["carrying", "found_in", "with_solution"]

# Residuals are zero at a root whatever the parameters are.
_ZERO = frozenset({"fun", "fvec"})


class Solution(OptimizeResult):
    """A result without those entries that would depend on the parameters, but are plain."""

    def __missing__(self, name: str) -> Any:
        if name not in self.__dict__["withheld"]:
            raise KeyError(name)
        raise NoRuleError(
            f"{name!r} of a solver's result has no derivatives, though it depends on the parameters. Compute it at the "
            "solution, with functions of dualnum (jacobian, hessian); or call the solver once more, with plain arguments."
        )


def found_in(result: Any) -> Any:
    """Solution in what a solver has returned."""
    if isinstance(result, tuple):
        return result[0]
    return getattr(result, "x", getattr(result, "root", result))


def carrying(value: Any, active: Any) -> Any:
    """The value that a solver has computed, with the derivatives of one that is the same but for rounding."""
    return value + (active - primal_all(active))


def with_solution(result: Any, x: Any, active: dict[str, Any]) -> Any:
    """Put a solution, and what else is active of it, into what a solver has returned.

    Of a tuple, what is active takes the places after the solution. Counts, flags and messages stay; other entries that are
    plain are withheld.
    """
    if isinstance(result, tuple):
        rest = [*active.values(), *result[1 + len(active) :]]
        rest = [with_solution(each, x, {}) if isinstance(each, dict) else each for each in rest]
        # A namedtuple is made anew of its fields.
        return result._make([x, *rest]) if hasattr(result, "_make") else (x, *rest)
    if not isinstance(result, dict):
        return x
    active = active | {name: x for name in ("x", "root") if name in result}
    withheld = {name for name, value in result.items() if name not in active and not _is_settled(name, value)}
    if not withheld:
        result.update(active)
        return result
    solution = Solution({name: value for name, value in result.items() if name not in withheld} | active)
    solution.__dict__["withheld"] = withheld
    return solution


def _is_settled(name: str, value: Any) -> bool:
    """Whether an entry is no function of the parameters, or a constant one."""
    return name in _ZERO or value is None or isinstance(value, (str, bool, int, np.bool_, np.integer))
