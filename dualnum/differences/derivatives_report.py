"""What `check_derivatives` has found: one line for each thing that was checked."""

from __future__ import annotations

from dataclasses import dataclass

from dualnum.differences.report import SEVERITY, Verdict, counted
from dualnum.errors import WrongDerivativeError

__all__ = ["DerivativeCheck", "DerivativesReport"]


@dataclass(frozen=True)
class DerivativeCheck:
    """One thing that was checked.

    Attributes
    ----------
    name : str
        What was checked: ``"jvp, argument 0"``, ``"vjp of jvp"``.
    against : str
        What it was compared with.
    verdict : Verdict
        ``"agrees"``, ``"too noisy to tell"`` or ``"differs"``.
    difference, allowed : float
        Where the two differ most beside what is allowed there; nan if they could not be compared.
    note : str
        The error, if one was raised.
    """

    name: str
    against: str
    verdict: Verdict
    difference: float
    allowed: float
    note: str = ""


@dataclass(frozen=True, repr=False)
class DerivativesReport:
    """The result of `check_derivatives`: true if all checks agree, a table when printed.

    Attributes
    ----------
    function : str
        Name of the function.
    checks : tuple of DerivativeCheck
        What was checked, in this order.
    """

    function: str
    checks: tuple[DerivativeCheck, ...]

    @property
    def ok(self) -> bool:
        """Whether all checks agree."""
        return all(check.verdict is Verdict.AGREES for check in self.checks)

    def __bool__(self) -> bool:
        return self.ok

    @property
    def wrong(self) -> tuple[DerivativeCheck, ...]:
        """The checks that do not agree, the worst first."""
        bad = [check for check in self.checks if check.verdict is not Verdict.AGREES]
        return tuple(sorted(bad, key=lambda check: -SEVERITY.index(check.verdict)))

    def raise_if_wrong(self) -> None:
        """Raise `WrongDerivativeError`, with the table in its message, unless all checks agree."""
        if not self.ok:
            raise WrongDerivativeError(str(self))

    def summary(self) -> str:
        """Tell in one line what was found."""
        parts = counted([check.verdict for check in self.checks])
        worst = f"; at worst {self.wrong[0].name}" if self.wrong else ""
        return f"{len(self.checks)} check{'s' * (len(self.checks) != 1)}: {parts}{worst}"

    def __str__(self) -> str:
        head = ("check", "against", "difference", "allowed", "verdict")
        rows = [head, *(_cells(check) for check in self.checks)]
        widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
        lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
        notes = [f"{check.name}: {check.note}" for check in self.checks if check.note]
        return "\n".join([f"derivatives of {self.function}", *lines, *notes, self.summary()])

    __repr__ = __str__


def _cells(check: DerivativeCheck) -> tuple[str, ...]:
    return check.name, check.against, f"{check.difference:.1e}", f"{check.allowed:.1e}", str(check.verdict)
