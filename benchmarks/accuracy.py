"""Worst error of every elementwise partial derivative against 50-digit arithmetic, in units in the last place.

The points are of all magnitudes and either sign, next to singularities, and where things overflow. dualnum's numbers
come straight from its table; the other libraries are asked for the same derivative of their function of the same name.
A dash: the library has no such derivative. `lost`: not one digit is right, or it is nan or a wrong infinity.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

import dualnum
from benchmarks.accuracy_reference import CASES, exact_partial, table_partial, ulps
from dualnum.table import TABLE, Row

__all__ = ["PEERS", "Result", "bound", "main", "run"]

Array = np.ndarray
PartialOf = Callable[[str, int, tuple[Array, ...]], Any]


@dataclass(frozen=True)
class Result:
    """Worst errors of one partial derivative, by library (None where it has none), and where dualnum's is worst."""

    function: str
    argument: int
    points: int
    bound: float
    worst_at: tuple[float, ...]
    errors: dict[str, float | None]


def bound(row: Row) -> float:
    """Largest error that a row allows itself."""
    return getattr(row, "ulps", 8.0)


def _autograd() -> PartialOf:
    import autograd
    import autograd.numpy as anp

    return lambda name, position, args: autograd.elementwise_grad(getattr(anp, name), position)(*args)


def _jax() -> PartialOf:
    import jax

    jax.config.update("jax_enable_x64", True)

    def partial(name: str, position: int, args: tuple[Array, ...]) -> Any:
        def of_one(x: Any) -> Any:
            return getattr(jax.numpy, name)(*args[:position], x, *args[position + 1 :])

        x = args[position]
        return np.asarray(jax.jvp(of_one, (x,), (np.ones_like(x),))[1])

    return partial


_TORCH_NAMES = {"degrees": "rad2deg", "radians": "deg2rad", "fabs": "abs", "power": "pow"}


def _torch() -> PartialOf:
    import torch

    def partial(name: str, position: int, args: tuple[Array, ...]) -> Any:
        tensors = [torch.from_numpy(a.copy()) for a in args]
        x = tensors[position].requires_grad_()
        (derivative,) = torch.autograd.grad(getattr(torch, _TORCH_NAMES.get(name, name))(*tensors).sum(), x)
        return derivative.numpy()

    return partial


#: By the name of the distribution.
PEERS: dict[str, Callable[[], PartialOf]] = {"autograd": _autograd, "jax": _jax, "torch": _torch}

# What the libraries raise where they have no such function or no derivative of it.
_NO_DERIVATIVE = (AttributeError, NotImplementedError, RuntimeError, TypeError, ValueError)


def _installed(names: list[str]) -> dict[str, str]:
    versions = {}
    for name in names:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def run(peers: dict[str, PartialOf], *, functions: list[str], n: int, seed: int) -> Iterator[Result]:
    """Measure one partial derivative after the other."""
    for name in functions:
        case = CASES[name]
        args = case.sample(seed, n)
        for position, formula in enumerate(case.partials):
            if formula is None:
                continue
            exact = exact_partial(case, position, args)
            ours = ulps(table_partial(name, position, args), exact)
            errors: dict[str, float | None] = {"dualnum": float(ours.max())}
            for peer, partial in peers.items():
                try:
                    with warnings.catch_warnings(), np.errstate(all="ignore"):
                        warnings.simplefilter("ignore")
                        errors[peer] = float(ulps(partial(name, position, args), exact).max())
                except _NO_DERIVATIVE:
                    errors[peer] = None
            worst_at = tuple(float(a[ours.argmax()]) for a in args)
            limit = bound(TABLE[getattr(np, name)])
            yield Result(name, position, exact.leading.size, limit, worst_at, errors)


def _shown(error: float | None) -> str:
    if error is None:
        return "-"
    if error >= 1 / np.finfo(float).eps:
        return "lost"
    return f"{error:.1f}" if error < 1000 else f"{error:.0e}"


def main(argv: list[str]) -> int:
    """Print the table; 1 if a partial of dualnum exceeds the bound of its row, 2 on bad options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks accuracy", description=__doc__)
    parser.add_argument("--functions", nargs="+", choices=CASES, metavar="NAME", help="NumPy's names; default all")
    parser.add_argument(
        "--peers", nargs="*", choices=PEERS, metavar="NAME", help=f"some (or none) of {', '.join(PEERS)}"
    )
    parser.add_argument(
        "--points", type=int, default=100, metavar="N", help="points of each kind (default %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the random points (default %(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers there")
    options = parser.parse_args(argv)
    if options.points < 1:
        parser.error("--points must be at least 1")

    versions = _installed(list(PEERS) if options.peers is None else options.peers)
    versions = {"dualnum": dualnum.__version__, "NumPy": np.__version__, **versions}
    print("worst error of partial derivatives, in units in the last place (ulps) of double precision")
    print(", ".join(f"{name} {version}" for name, version in versions.items()))
    peers = {name: adapt() for name, adapt in PEERS.items() if name in versions}
    print(f"\n{'':16}{'points':>8}{'bound':>8}{'dualnum':>10}" + "".join(f"{name:>10}" for name in peers))
    results = []
    for result in run(peers, functions=options.functions or list(CASES), n=options.points, seed=options.seed):
        results.append(result)
        columns = "".join(f"{_shown(error):>10}" for error in result.errors.values())
        print(f"{result.function:12}{result.argument + 1:>4}{result.points:>8}{result.bound:>8.0f}{columns}")
    over = [r for r in results if not r.errors["dualnum"] <= r.bound]
    for r in over:
        print(f"dualnum exceeds its bound: {r.function}, argument {r.argument + 1}, at {r.worst_at}")
    for name in dict.fromkeys(r.function for r in results):
        if note := getattr(TABLE[getattr(np, name)], "note", ""):
            print(f"{name}: {note}")
    if options.json:
        numbers = {"versions": versions, "results": [asdict(r) for r in results]}
        options.json.write_text(json.dumps(numbers, indent=1))
    return int(bool(over))
