"""``dualnum complexity``: what derivatives cost by forward and by reverse mode, counted and measured."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from dualnum import complexity
from dualnum.cli_function import OBJECTS, BadInput, blame, find_function, noticing_objects
from dualnum.errors import MissingExtraError

__all__ = ["run_complexity"]

COMPLETE, INTERRUPTED = 0, 130


def run_complexity(options: argparse.Namespace) -> int:
    """Study a chain or compare the modes for a function, print and write what was found, and give the exit code."""
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
    return COMPLETE if study.complete else INTERRUPTED


def _compare_modes(options: argparse.Namespace, directory: Path) -> int:
    f = find_function(options.function)
    with noticing_objects() as noticed, blame(options.function), contextlib.redirect_stdout(sys.stderr):
        report = complexity.compare_modes(f, np.array(options.at), repeat=options.repeat)
    directory.mkdir(parents=True, exist_ok=True)
    print(report)
    if noticed:
        print(f"\n{OBJECTS}")
    _write(report, directory / "modes.json", report.plot, directory / "modes.png")
    return COMPLETE


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
