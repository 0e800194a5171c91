"""``dualnum check``: the derivatives of a function, compared with finite differences."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from dualnum.cli_function import OBJECTS, BadInput, blame, find_function, noticing_objects
from dualnum.complexity.units import duration
from dualnum.differences import (
    HessianReport,
    JacobianReport,
    StepSizeStudy,
    check_hessian,
    check_jacobian,
    step_size_study,
)
from dualnum.differences.report import element, for_json
from dualnum.differences.sampling import result_array
from dualnum.hessians import hessian
from dualnum.jacobians import jacobian

__all__ = ["run_check"]

AGREES, DIFFERS = 0, 1
SHOWN_COLUMNS = 8


@dataclass(frozen=True)
class Checked:
    """All that was found out about a function; the derivative is its Jacobian, or of order 2 its Hessian."""

    name: str
    x: np.ndarray
    value: np.ndarray
    derivative: np.ndarray
    report: JacobianReport | HessianReport
    study: StepSizeStudy | None
    slow_path: bool


def run_check(options: argparse.Namespace) -> int:
    """Compare, print what was found, and give the exit code."""
    # What the function prints belongs on stderr when stdout is read by a program.
    with contextlib.redirect_stdout(sys.stderr) if options.json else contextlib.nullcontext():
        checked = _check(options)
    print(json.dumps(_as_dict(checked), allow_nan=False) if options.json else _as_text(checked, options.step_study))
    return AGREES if checked.report else DIFFERS


def _check(options: argparse.Namespace) -> Checked:
    name, x = options.function, np.array(options.at)
    f = find_function(name)
    with noticing_objects() as noticed, blame(name):
        value = result_array(f(x.copy()))
        transform, check = (jacobian, check_jacobian) if options.order == 1 else (hessian, check_hessian)
        whole = np.asarray(transform(f)(x))
        report = check(f, x, method=options.method, rtol=options.rtol)
        differentiated = f if options.order == 1 else jacobian(f)
        study = step_size_study(differentiated, x) if options.step_study else None
    if study:
        try:
            study.plot(options.step_study)
        except (OSError, ValueError) as error:  # a ValueError is an ending that matplotlib does not know
            raise BadInput(f"cannot write {options.step_study}: {error}") from error
    return Checked(name, x, value, whole, report, study, bool(noticed))


def _as_text(checked: Checked, plot: str | None) -> str:
    report, n = checked.report, checked.x.size
    kind, label = ("Jacobian", "d f") if isinstance(report, JacobianReport) else ("Hessian", "d gradient")
    lines = [f"{checked.name} at {_numbers(checked.x)}", "", f"value: {_numbers(checked.value)}", ""]
    lines.append(f"{kind}, of shape {checked.derivative.shape}, by columns:")
    columns = range(n) if n <= SHOWN_COLUMNS else (*range(SHOWN_COLUMNS - 1), n - 1)
    for j in columns:
        if j == n - 1 and n > SHOWN_COLUMNS:
            lines.append("  ...")
        head = f"{label} / d {element('x', (j,))}:  "
        lines.append(f"  {head}{_numbers(checked.derivative[..., j], indent=len(head) + 2)}")
    lines += ["", str(report), "", _times(report if isinstance(report, JacobianReport) else report.differences, kind)]
    if checked.study:
        lines += ["", f"error of finite differences against their step, drawn in {plot}:", str(checked.study)]
    if checked.slow_path:
        lines += ["", OBJECTS]
    return "\n".join(lines)


def _times(report: JacobianReport, kind: str) -> str:
    once = report.seconds["function"]
    way = f"by {report.checked}" if kind == "Jacobian" else "by the fastest mode"
    rows = [
        (f"the {report.subject}, once", once),
        (f"{kind} {way}", report.seconds["derivative"]),
        (f"{kind} by {report.method} differences", report.seconds["differences"]),
    ]
    width = max(len(label) for label, _ in rows)
    lines = [f"  {label:{width}}  {duration(t):>8}  {t / max(once, 1e-9):8.3g} x" for label, t in rows]
    return "\n".join(["time", *lines])


def _numbers(array: np.ndarray, indent: int = 0) -> str:
    """Numbers as NumPy prints them, shortened if there are many."""
    without_minus_zero = np.asarray(array) + 0.0
    text = np.array2string(without_minus_zero, precision=9, threshold=20, max_line_width=100, separator=" ")
    return text.replace("\n", "\n" + " " * indent)


def _as_dict(checked: Checked) -> dict[str, Any]:
    return {
        "function": checked.name,
        "x": checked.x.tolist(),
        "value": _nested(checked.value.tolist()),
        "jacobian" if isinstance(checked.report, JacobianReport) else "hessian": _nested(checked.derivative.tolist()),
        "comparison": checked.report.to_dict(),
        "step_study": checked.study.to_dict() if checked.study else None,
        "object_arrays": checked.slow_path,
    }


def _nested(numbers: Any) -> Any:
    return [_nested(part) for part in numbers] if isinstance(numbers, list) else for_json(numbers)
