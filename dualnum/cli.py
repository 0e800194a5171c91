"""The command line: ``dualnum check`` compares derivatives with differences, ``dualnum complexity`` what modes cost."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import importlib
import inspect
import json
import math
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from dualnum import __version__, complexity
from dualnum.complexity.units import duration
from dualnum.differences import (
    METHODS,
    HessianReport,
    JacobianReport,
    StepSizeStudy,
    check_hessian,
    check_jacobian,
    step_size_study,
)
from dualnum.differences.report import element, for_json
from dualnum.differences.sampling import result_array
from dualnum.errors import DualnumError, MissingExtraError, ObjectArrayWarning
from dualnum.hessians import hessian
from dualnum.jacobians import jacobian

__all__ = ["main"]

AGREES, DIFFERS, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
SHOWN_COLUMNS = 8
DESCRIPTION = """\
Differentiate FUNCTION at a point, and compare its Jacobian with finite differences,
or by --order 2 its Hessian with differences of the gradient.

FUNCTION takes one vector, as a 1-D float64 array, and returns a number, a list of
numbers or an array. MODULE is looked for in the current directory too.
"""
ORDER_HELP = "1 for the Jacobian, 2 for the Hessian, in all modes, against differences of the gradient (default: 1)"
RTOL_HELP = "relative difference allowed beside the error of the differences (default: 1e-8)"
OBJECTS = """\
note: the function puts its argument into np.asarray or the like, which makes object arrays of Duals:
      the derivatives are exact, but this way is slow."""
EPILOG = """\
exit code:
  0  all columns agree with finite differences
  1  some column differs, or the differences are too noisy to tell
  2  bad input: the function cannot be imported, fails, cannot be differentiated, ...

examples:
  dualnum check scipy.optimize:rosen --at 1.3 0.7 0.8 1.9 1.2
  dualnum check scipy.optimize:rosen --at 1.3 0.7 0.8 1.9 1.2 --order 2
"""
COMPLEXITY_DESCRIPTION = """\
Compare what a Jacobian costs by forward mode, by reverse mode, with checkpoints, by
explicit Jacobians and by finite differences: counted, and measured on this machine.

The standard study varies inputs, outputs, width and depth of a chain of functions
tanh(Wx), which takes some minutes. It prints tables, and writes figures and all numbers
to a directory. After Ctrl-C it does so with what was measured until then.

With a FUNCTION, the ways to its own Jacobian at a point are compared. It takes one
vector, as a 1-D float64 array. MODULE is looked for in the current directory too.
"""
COMPLEXITY_EPILOG = """\
exit code:
  0    the study is complete
  2    bad input: dimensions of no chain, a function that fails, ...
  130  it was interrupted

examples:
  dualnum complexity --dims 1000 300 100 10 1
  dualnum complexity scipy.optimize:rosen --at 1.3 0.7 0.8 1.9 1.2
"""


class BadInput(Exception):
    """What is wrong with the user's input, in one line."""


class Parser(argparse.ArgumentParser):
    """Reports errors in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: error: {message}; see {self.prog} --help\n")


@dataclass(frozen=True)
class Checked:
    """All that was found out about the function; the derivative is its Jacobian, or of order 2 its Hessian."""

    name: str
    x: np.ndarray
    value: np.ndarray
    derivative: np.ndarray
    report: JacobianReport | HessianReport
    study: StepSizeStudy | None
    slow_path: bool


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line, with the arguments of the process by default.

    Returns
    -------
    int
        The exit code: 0 if all is well, 1 if derivatives differ, 2 for bad input, 130 after Ctrl-C.
    """
    options = _parser().parse_args(_protect_numbers(sys.argv[1:] if argv is None else argv))
    try:
        return options.run(options)
    except (BadInput, DualnumError) as error:
        if options.traceback:
            traceback.print_exc()
        print(f"dualnum {options.command}: error: {_one_line(error)}", file=sys.stderr)
        return BAD_INPUT


def _parser() -> Parser:
    parser = Parser(prog="dualnum", description="Exact derivatives of NumPy and SciPy code as it is.")
    parser.add_argument("--version", action="version", version=f"dualnum {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, dest="command")
    check = commands.add_parser(
        "check",
        help="compare the derivatives of a function with finite differences",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("function", metavar="MODULE:FUNCTION", help="for example scipy.optimize:rosen")
    check.add_argument("--at", metavar="X", type=_finite, nargs="+", required=True, help="the elements of the vector")
    check.add_argument("--order", type=int, choices=(1, 2), default=1, help=ORDER_HELP)
    check.add_argument("--method", choices=list(METHODS), default="central", help="of differences (default: central)")
    check.add_argument("--rtol", type=_tolerance, default=1e-8, metavar="R", help=RTOL_HELP)
    check.add_argument("--step-study", metavar="FILE", help="plot the error of finite differences against their step")
    check.add_argument("--json", action="store_true", help="print JSON and nothing else")
    check.set_defaults(run=_run_check)
    costs = commands.add_parser(
        "complexity",
        help="compare what derivatives cost by forward and by reverse mode",
        description=COMPLEXITY_DESCRIPTION,
        epilog=COMPLEXITY_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    costs.add_argument("function", metavar="MODULE:FUNCTION", nargs="?", help="compare the modes for this function")
    costs.add_argument("--at", metavar="X", type=_finite, nargs="+", help="the elements of the vector")
    costs.add_argument(
        "--dims", metavar="N", type=_positive, nargs="+", help="study the chain of these dimensions instead"
    )
    costs.add_argument("--repeat", metavar="N", type=_positive, default=5, help="times of measuring (default: 5)")
    costs.add_argument("--output", metavar="DIR", default="complexity", help="where to write (default: complexity)")
    costs.set_defaults(run=_run_complexity)
    for command in check, costs:
        command.add_argument("--traceback", action="store_true", help="show where an error was raised")
    return parser


def _protect_numbers(argv: Sequence[str]) -> list[str]:
    """Put a space before negative numbers: argparse takes -1e-3 or -inf for an option, and float() skips spaces."""
    return [f" {arg}" if arg.startswith("-") and _is_number(arg) else arg for arg in argv]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _finite(text: str) -> float:
    if not _is_number(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    number = float(text)
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"the point must be finite, not {text.strip()}")
    return number


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text.strip()!r} is not a positive integer")
    return int(text)


def _tolerance(text: str) -> float:
    number = _finite(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"a tolerance cannot be negative, as {text.strip()} is")
    return number


def _run_complexity(options: argparse.Namespace) -> int:
    if (options.function is None) != (options.at is None):
        raise BadInput("MODULE:FUNCTION and --at X1 X2 ... belong together; see dualnum complexity --help")
    if options.function and options.dims:
        raise BadInput("give either MODULE:FUNCTION or --dims")
    directory = Path(options.output)
    try:
        return _compare_modes(options, directory) if options.function else _study(options, directory)
    except OSError as error:
        raise BadInput(f"cannot write to {directory}: {error}") from error


def _study(options: argparse.Namespace, directory: Path) -> int:
    directory.mkdir(parents=True, exist_ok=True)  # before the measuring, which takes long
    study = complexity.scaling_study(options.dims, repeat=options.repeat, progress=_progress())
    print(study)
    _write(study, directory / "study.json", study.plot, directory)
    if not study.complete:
        print("dualnum complexity: interrupted: this is what was measured until then", file=sys.stderr)
    return 0 if study.complete else INTERRUPTED


def _compare_modes(options: argparse.Namespace, directory: Path) -> int:
    f = _find(options.function)
    with _noticing_objects() as noticed, _blame(options.function), contextlib.redirect_stdout(sys.stderr):
        report = complexity.compare_modes(f, np.array(options.at), repeat=options.repeat)
    directory.mkdir(parents=True, exist_ok=True)
    print(report)
    if noticed:
        print(f"\n{OBJECTS}")
    _write(report, directory / "modes.json", report.plot, directory / "modes.png")
    return 0


def _write(result: Any, numbers: Path, plot: Callable[[Path], Any], figure: Path) -> None:
    """Write the numbers of a result, draw its figures, and say what was written."""
    numbers.write_text(json.dumps(result.to_json(), indent=1, allow_nan=False) + "\n")
    written = [numbers]
    try:
        drawn = plot(figure)
        written += drawn if isinstance(drawn, list) else [figure]
    except MissingExtraError as error:
        print(f"dualnum complexity: no figures: {error}", file=sys.stderr)
    print("\nwritten:", *written)


def _progress() -> Callable[[Sequence[Any]], Iterable[Any]]:
    """Give a progress bar, where there is a terminal to show it and tqdm is installed."""
    try:
        from tqdm import tqdm
    except ImportError:
        return iter
    return partial(tqdm, desc="measuring", unit="run", leave=False, disable=None)


def _run_check(options: argparse.Namespace) -> int:
    # What the function prints belongs on stderr when stdout is read by a program.
    with contextlib.redirect_stdout(sys.stderr) if options.json else contextlib.nullcontext():
        checked = _check(options)
    print(json.dumps(_as_dict(checked), allow_nan=False) if options.json else _as_text(checked, options.step_study))
    return AGREES if checked.report else DIFFERS


def _check(options: argparse.Namespace) -> Checked:
    name, x = options.function, np.array(options.at)
    f = _find(name)
    with _noticing_objects() as noticed, _blame(name):
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


def _find(name: str) -> Callable[[Any], Any]:
    """The function of that name, in MODULE:FUNCTION notation."""
    module_name, colon, path = name.partition(":")
    if not (module_name and colon and path):
        raise BadInput(f"{name!r} must have the form MODULE:FUNCTION, for example scipy.optimize:rosen")
    here = os.getcwd()
    if here not in sys.path:
        sys.path.insert(0, here)  # as python -m does
    try:
        found: Any = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:  # a script may do anything when it is imported
        raise BadInput(f"cannot import {module_name}: {_named(error)}") from error
    for part in path.split("."):
        if not hasattr(found, part):
            near = difflib.get_close_matches(part, dir(found), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise BadInput(f"{module_name} has no {path}{hint}")
        found = getattr(found, part)
    if not callable(found):
        raise BadInput(f"{name} is not a function, but of type {type(found).__name__}")
    try:
        signature = inspect.signature(found)
    except ValueError:  # not all compiled functions have one
        return found
    try:
        signature.bind(None)
    except TypeError as error:
        raise BadInput(f"{name} must take one vector, but its signature is {signature}") from error
    return found


@contextlib.contextmanager
def _noticing_objects() -> Iterator[list[Any]]:
    """Keep warnings of object arrays in a list, which is filled at the end; others are given later."""
    noticed: list[Any] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ObjectArrayWarning)
        yield noticed
    for warning in caught:
        if warning.category is ObjectArrayWarning:
            noticed.append(warning)
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)


@contextlib.contextmanager
def _blame(name: str) -> Iterator[None]:
    """Turn whatever the function raises into a BadInput that names it."""
    try:
        yield
    except DualnumError as error:
        raise BadInput("\n".join([f"{name}: {error}", *getattr(error, "__notes__", [])])) from error
    except (Exception, SystemExit) as error:
        raise BadInput(f"{name} raised {_named(error)}") from error


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


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
