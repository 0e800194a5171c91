"""Worst relative error of the derivatives of scipy.special's functions against mpmath."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import benchmarks.special_reference
from benchmarks.special_reference.case import Case, worst_error

__all__ = ["cases", "main"]


def cases() -> Iterator[tuple[str, Case]]:
    """Yield all cases, with the family that each belongs to."""
    for module in sorted(m.name for m in pkgutil.iter_modules(benchmarks.special_reference.__path__)):
        for case in getattr(importlib.import_module(f"benchmarks.special_reference.{module}"), "CASES", ()):
            yield module, case


def main(argv: list[str] | None = None) -> int:
    """Print the table of worst errors; exit with 1 where one is beyond its bound."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks special", description=__doc__)
    parser.add_argument("--functions", nargs="+", default=None, help="names of functions, or of families")
    parser.add_argument("--points", type=int, default=100, help="points for each function (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, default=None, help="write the numbers to this file")
    options = parser.parse_args(argv)
    results = []
    print(f"{'function':24}{'argument':>9}{'worst error':>14}{'bound':>10}   at")
    for family, case in cases():
        if options.functions and not {family, case.name} & set(options.functions):
            continue
        for position in case.positions:
            error, place = worst_error(case, position, options.seed, options.points)
            over = "" if error <= case.bound else "   (over)"
            at = ", ".join(f"{a:.4g}" for a in place)
            print(f"{case.name:24}{position + 1:>9}{error:>14.1e}{case.bound:>10.0e}   {at}{over}", flush=True)
            results.append(
                {"function": case.name, "argument": position + 1, "error": error, "bound": case.bound, "at": place}
            )
    if options.json is not None:
        options.json.write_text(json.dumps(results, indent=1, default=str) + "\n")
    return int(any(r["error"] > r["bound"] for r in results))
