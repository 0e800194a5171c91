"""The command line: ``dualnum check`` compares derivatives with differences, ``dualnum complexity`` what modes cost."""

from __future__ import annotations

import argparse
import math
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

from dualnum import __version__
from dualnum.cli_check import run_check
from dualnum.cli_complexity import run_complexity
from dualnum.cli_function import BadInput
from dualnum.differences import METHODS
from dualnum.errors import DualnumError

__all__ = ["main"]

BAD_INPUT = 2
DESCRIPTION = """\
Differentiate FUNCTION at a point, and compare its Jacobian with finite differences,
or by --order 2 its Hessian with differences of the gradient.

FUNCTION takes one vector, as a 1-D float64 array, and returns a number, a list of
numbers or an array. MODULE is looked for in the current directory too.
"""
ORDER_HELP = "1 for the Jacobian, 2 for the Hessian, in all modes, against differences of the gradient (default: 1)"
RTOL_HELP = "relative difference allowed beside the error of the differences (default: 1e-8)"
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


class Parser(argparse.ArgumentParser):
    """Reports errors in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: error: {message}; see {self.prog} --help\n")


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
    check.set_defaults(run=run_check)
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
    costs.set_defaults(run=run_complexity)
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


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
