"""Newton's method on a cluster of atoms: digits by exact second derivatives.

Thirteen atoms that attract each other as those of argon do (the potential of Lennard-Jones) come to rest as an
icosahedron. Newton's method finds it from a disturbed one. Each step is computed three ways: by the exact gradient and
Hessian; by the exact gradient and a Hessian made of its differences; and by differences of the energy alone.

- Near the end, exact derivatives double the number of correct digits with each step, down to the rounding error.
- Where differences of the energy say that forces are zero, they are not: half of the digits are missing. A Hessian may be
  slightly wrong without harm to the steps.
- The eigenvalues of the Hessian are the squares of the frequencies of vibration. Six are zero, because the energy does not
  change when the cluster is moved or turned. To exact derivatives they are zero to rounding; differences make
  frequencies of them, some of them imaginary.

Run it with::

    python examples/newton.py [--steps N] [--output PATH]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import approx_fprime

from dualnum import objective
from dualnum.errors import MissingExtraError

EPS = np.finfo(float).eps
PAIRS = np.array(list(combinations(range(13), 2))).T
#: Energy of the icosahedron, from the Cambridge Cluster Database (D. Wales, J. Doye et al.).
ENERGY = -44.326801


def energy(x: Any) -> Any:
    """Energy of atoms at positions (39,); in the depth of the well of a pair, and with its distance as the unit of length."""
    position = x.reshape(13, 3)
    squared = np.sum((position[PAIRS[0]] - position[PAIRS[1]]) ** 2, axis=1)
    return np.sum(squared**-6.0 - 2 * squared**-3.0)


def disturbed() -> np.ndarray:
    """Positions (39,) near those of an icosahedron and its centre."""
    golden = (1 + np.sqrt(5)) / 2
    corners = [np.roll([0, a, b * golden], turn) for a in (-1, 1) for b in (-1, 1) for turn in range(3)]
    ideal = np.concatenate([[np.zeros(3)], 0.5 * np.array(corners)])
    return np.ravel(ideal + 0.03 * np.random.default_rng(0).normal(size=ideal.shape))


def differences(f: Callable[[np.ndarray], Any], x: np.ndarray, h: float) -> np.ndarray:
    """Derivatives by central differences, in a first axis."""
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in h * np.eye(len(x))])


exact = objective(energy)

#: Gradients and Hessians; steps of differences are those at which rounding and truncation balance.
WAYS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "exact": (exact.jac, exact.hess),
    "differences of gradient": (exact.jac, lambda x: approx_fprime(x, exact.jac)),
    "differences of energy": (
        lambda x: differences(energy, x, EPS ** (1 / 3)),
        lambda x: differences(lambda x: differences(energy, x, EPS**0.25), x, EPS**0.25),
    ),
}


def newton(x: np.ndarray, gradient: Callable[..., Any], hessian: Callable[..., Any], steps: int) -> np.ndarray:
    """Positions (steps + 1, 39); no step moves or turns the cluster, for `lstsq` leaves out what changes nothing."""
    found = [x]
    for _ in range(steps):
        found.append(found[-1] - np.linalg.lstsq(hessian(found[-1]), gradient(found[-1]), rcond=1e-6)[0])
    return np.array(found)


def draw(position: np.ndarray, forces: dict[str, np.ndarray], squares: dict[str, np.ndarray], path: Path) -> None:
    """Save a picture of the cluster, of the forces after each step, and of the eigenvalues."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("the picture needs matplotlib: install dualnum with the extra 'plot'") from error
    figure = Figure(figsize=(10, 3.9), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[1, 3.2])
    cluster = left.add_subplot(projection="3d")
    for i, j in PAIRS.T:
        if np.linalg.norm(position[i] - position[j]) < 1.2:
            cluster.plot(*position[[i, j]].T, color="tab:blue" if i else "0.75", linewidth=1)
    cluster.scatter(*position.T, s=90, c=["tab:orange"] + 12 * ["tab:blue"], depthshade=True)
    cluster.set(title="13 atoms at rest")
    cluster.set_axis_off()
    cluster.set_box_aspect((1, 1, 1), zoom=1.5)
    course, modes = right.subplots(1, 2)
    for (name, values), marker in zip(forces.items(), "o^s", strict=True):
        course.semilogy(values, marker=marker, fillstyle="none", label=name)
        modes.semilogy(1 + np.arange(39), np.abs(squares[name]), marker, fillstyle="none", label=name)
    course.set(title="Newton's method", xlabel="step", ylabel="greatest force (depth / distance)")
    modes.set(
        title="Vibrations at rest",
        xlabel="mode (6 change nothing)",
        ylabel="|squared frequency| (depth / distance²)",
    )
    for axes in (course, modes):
        axes.grid(alpha=0.3)
    right.legend(*course.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    figure.savefig(path, dpi=100)


def main() -> None:
    """Take the steps, compare, print and draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--steps", type=int, default=8, help="steps of Newton's method")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"), help="the picture to save")
    options = parser.parse_args()
    forces, squares, seconds, last = {}, {}, {}, {}
    for name, way in WAYS.items():
        begin = time.perf_counter()
        path = newton(disturbed(), *way, options.steps)
        seconds[name], last[name] = (time.perf_counter() - begin) / options.steps, path[-1]
        forces[name] = np.array([np.max(np.abs(exact.jac(x))) for x in path])
        squares[name] = np.linalg.eigvalsh(way[1](path[-1]))

    print(f"{'Greatest force after step':32}" + "".join(f"{name:>26}" for name in WAYS))
    for step, row in enumerate(zip(*forces.values(), strict=True)):
        print(f"{step:<32}" + "".join(f"{force:26.1e}" for force in row))
    print(f"{'seconds for a step':32}" + "".join(f"{seconds[name]:26.4f}" for name in WAYS))
    print(f"{'greatest of six zero modes':32}" + "".join(f"{max(abs(squares[name][:6])):26.1e}" for name in WAYS))
    print(f"\nThe energy is {energy(last['exact']):.6f}; the Cambridge Cluster Database has {ENERGY:.6f}.")
    draw(last["exact"].reshape(13, 3), forces, squares, options.output)
    print(f"Picture: {options.output}")


if __name__ == "__main__":
    main()
