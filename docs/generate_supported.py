"""Write docs/supported.md from the table of derivatives: ``python docs/generate_supported.py``.

What is differentiable comes from the rows (for composites, from the samples that they are tested with), conventions from
docs/conventions.md, worst errors from the results of ``python -m benchmarks accuracy`` and ``special``.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import scipy

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from dualnum.table import TABLE, Constant, Elementwise, Linear, Nonlinear, Row, Unsupported  # noqa: E402
from tests.samples import samples_by_module  # noqa: E402

PAGE = ROOT / "docs" / "supported.md"

# Of composites that are tested without samples; of others the first argument.
UNSAMPLED = {
    np.append: {0, 1},
    np.apply_along_axis: {2},
    np.apply_over_axes: {1},
    np.copyto: {0, 1},
    np.fill_diagonal: {0, 1},
    np.fromfunction: set(),
    np.full: {1},
    np.place: {0, 2},
    np.put: {0, 2},
    np.put_along_axis: {0, 2},
    np.putmask: {0, 2},
}
RESULTS = ROOT / "benchmarks" / "results"

INTRODUCTION = """# Supported functions

This page is generated from the table of derivatives (`python docs/generate_supported.py`), for {versions}.

Arguments in **bold** can be active, that is Duals. The others are constants: an active one raises an error that says why,
except in *composite* functions, which are made of others, and where more arguments than are tested may be active.
*Together* says whether all directions are pushed in one call; where it is empty, they take their turns. *Conventions* are
the derivatives at kinks, jumps and ends of domains ([all of them](conventions.md)). The *worst error* is relative, against
50-digit arithmetic at hundreds of hard points for NumPy's ufuncs, and against mpmath at tens of points over the domain
for `scipy.special`; a rule that allows itself more than the usual bound says why in its note.
"""


def versions() -> str:
    """Minor versions of what the page depends on."""
    numpy_version, scipy_version = (".".join(m.__version__.split(".")[:2]) for m in (np, scipy))
    return f"NumPy {numpy_version} and SciPy {scipy_version}"


def parameters(function: Callable[..., Any]) -> list[str]:
    """Names of the arguments, up to the first that only NumPy's machinery is interested in."""
    if isinstance(function, np.ufunc):
        # Some docstrings begin with names of no meaning, and give those that have one later.
        found = re.findall(rf"^\s*{function.__name__}\(([^\[)]*)", function.__doc__ or "", re.MULTILINE)
        names = [name.strip().split("=")[0] for name in found[-1].split(",")] if found else []
        names = [name for name in names if name.isidentifier()][: function.nin]
        return names if len(names) == function.nin else [f"x{i + 1}" for i in range(function.nin)]
    try:
        return [
            f"*{p.name}" if p.kind is p.VAR_POSITIONAL else p.name
            for p in inspect.signature(function).parameters.values()
            if p.name not in ("out", "like") and p.kind is not p.VAR_KEYWORD
        ]
    except (TypeError, ValueError):
        return ["..."]


def active_positions(row: Row, sampled: dict[Any, set[int]]) -> set[int]:
    """Positions of the arguments that may be active."""
    if isinstance(row, Elementwise):
        return {i for i, p in enumerate(row.partials) if p is not None and not isinstance(p, str)}
    if isinstance(row, Linear):
        return set(row.transposes)
    if isinstance(row, Nonlinear):
        return set(row.positions)
    return sampled.get(row.function, UNSAMPLED.get(row.function, {0}))


def batched(row: Row) -> bool:
    """Whether directions are pushed together in all arguments."""
    if isinstance(row, Linear):
        return set(row.transposes) <= set(row.batched)
    return not isinstance(row, Nonlinear) or row.batched


def conventions() -> dict[str, list[str]]:
    """What docs/conventions.md says of a function."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / "docs" / "conventions.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `np.") and len(cells) >= 3:
            name = re.match(r"`np\.([\w.]+)", cells[0])
            if name:
                found.setdefault(f"numpy.{name.group(1)}", []).append(f"{cells[0]} at {cells[1]}: {cells[2]}")
    return found


def errors() -> dict[str, float]:
    """Worst relative error by the name of the function, from the results that the benchmarks have written."""
    found: dict[str, float] = {}
    for file, module in (("accuracy.json", "numpy"), ("special.json", "scipy.special")):
        if not (RESULTS / file).exists():
            continue
        results = json.loads((RESULTS / file).read_text())
        for result in results["results"] if isinstance(results, dict) else results:
            name = f"{module}.{result['function']}"
            error = result["error"] if "error" in result else result["errors"]["dualnum"] * np.finfo(float).eps / 2
            found[name] = max(found.get(name, 0.0), error)
    return found


def call(row: Row, active: set[int]) -> str:
    """The function as it is called, with the active arguments in bold."""
    names = parameters(row.function)
    several = next(
        (i for i, name in enumerate(names) if name.startswith("*")), len(names)
    )  # and what comes after has a name
    marked = [f"**{name}**" if i in {min(j, several) for j in active} else name for i, name in enumerate(names)]
    return f"`{row.name}`({', '.join(marked)})"


def sections() -> Iterator[tuple[str, list[Row]]]:
    """Group the rows that have derivatives."""
    rows = [r for r in TABLE.values() if not isinstance(r, (Constant, Unsupported)) and not is_private(r)]
    ufuncs = [r for r in rows if isinstance(r.function, np.ufunc)]
    functions = [r for r in rows if not isinstance(r.function, np.ufunc)]
    yield "NumPy: ufuncs", [r for r in ufuncs if r.name.startswith("numpy.")]
    homes: dict[str, list[Row]] = {"numpy.linalg": [], "numpy.fft": [], "numpy": []}
    for row in functions:
        if row.name.startswith("numpy."):
            homes.get(row.name.rpartition(".")[0], homes["numpy"]).append(row)
    yield "NumPy: array functions", homes["numpy"]
    yield "NumPy: `numpy.linalg`", homes["numpy.linalg"]
    yield "NumPy: `numpy.fft`", homes["numpy.fft"]
    yield "`scipy.special`: ufuncs", [r for r in ufuncs if r.name.startswith("scipy.")]
    for module in (f"scipy.{name}" for name in "special linalg fft signal ndimage stats".split()):
        rows_of_module = [r for r in functions if r.name.startswith(f"{module}.")]
        others = "other functions, " if module == "scipy.special" else ""
        yield f"`{module}`: {others}by way of `dualnum.{module}`", rows_of_module


def is_private(row: Row) -> bool:
    """Whether a row is of a function that users do not call by name."""
    return not row.name.startswith(("numpy.", "scipy.")) or row.name.rpartition(".")[2].startswith("_")


def table(rows: list[Row], sampled: dict[Any, set[int]]) -> Iterator[str]:
    """One line for each row."""
    kinks, worst = conventions(), errors()
    yield "| function | kind | together | conventions | worst error |"
    yield "|---|---|---|---|---|"
    for row in sorted(rows, key=lambda row: row.name.lower()):
        error = f"{worst[row.name]:.0e}" if row.name in worst else ""
        kink = "; ".join(kinks.get(row.name, ())[:3])
        kind = type(row).__name__.lower()
        yield f"| {call(row, active_positions(row, sampled))} | {kind} | {'yes' if batched(row) else ''} | {kink} | {error} |"


def notes() -> Iterator[str]:
    """What rows say about themselves: wider bounds, and arguments without a derivative."""
    for row in sorted(TABLE.values(), key=lambda row: row.name.lower()):
        names = parameters(row.function)
        reasons = dict(enumerate(getattr(row, "partials", ()))) if isinstance(row, Elementwise) else {}
        reasons |= dict(getattr(row, "reasons", {}))
        texts = [
            f"`{names[i]}`: {reason}" for i, reason in reasons.items() if isinstance(reason, str) and i < len(names)
        ]
        if (texts or row.note) and not is_private(row):
            yield f"- `{row.name}`: {'; '.join([*texts, row.note] if row.note else texts)}"


def page() -> str:
    """The whole page."""
    TABLE.load()
    sampled: dict[Any, set[int]] = {}
    for samples in samples_by_module().values():
        for sample in samples:
            function = sample.function
            while function not in TABLE and hasattr(function, "__wrapped__"):
                function = function.__wrapped__  # a twin that looks at its arguments before the one that has the row
            sampled.setdefault(function, set()).update(sample.active)
    lines = [INTRODUCTION.format(versions=versions())]
    for title, rows in sections():
        lines += [f"## {title}", "", *table(rows, sampled), ""]
    lines += ["## Notes", "", *notes(), ""]
    constants = sorted({row.name for row in TABLE.values() if isinstance(row, Constant) and not is_private(row)})
    lines += [
        "## Without a derivative other than zero",
        "",
        "They round, count, compare, look at shapes or print; results of floating point stay Duals, with a zero tangent.",
        "",
        ", ".join(f"`{name}`" for name in constants),
        "",
        "## Refused",
        "",
    ]
    reasons: dict[str, list[str]] = {}
    for row in TABLE.values():
        if isinstance(row, Unsupported) and not is_private(row):
            reasons.setdefault(row.reason, []).append(row.name)
    for reason in sorted(reasons):
        lines.append(f"- {reason}: {', '.join(f'`{name}`' for name in sorted(set(reasons[reason])))}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
