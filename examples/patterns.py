"""Spots that form by themselves: thousands of stiff equations, solved with a sparse Jacobian, and their steady state.

Turing (1952) found that diffusion can make a pattern, where two substances react and one spreads much faster than the other.
Here they react as Schnakenberg (J. Theor. Biol. 81, 1979) proposed, on a square whose opposite sides are joined. The second
one is fed, more at the corners than in the middle: spots form where that is little, and none where it is much.

Fast diffusion makes the equations stiff, so that a solver needs their Jacobian. As an array it would take half a gigabyte;
but each rate depends on five cells, and ``sparse=True`` computes just what is not zero, of plain NumPy code and without
being told where that is. With the same Jacobian, Newton's method then finds the state that does not change any more, and its
eigenvalues say whether that is stable. Run it with::

    python examples/patterns.py [--cells N] [--time T] [--output PATH]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp
from scipy.ndimage import maximum_filter
from scipy.sparse.linalg import eigs, spsolve

from dualnum import jacobian_columns, jvp, residuals
from dualnum.errors import MissingExtraError

# A cell is as long as the first substance diffuses in its lifetime, and that is the unit of time.
DIFFUSION, SOURCE = 20.0, 0.1  # of the second substance, and of the first
EARLY = 20  # when a first look is taken
COLUMNS = 24  # as many as are computed together
EXPLICIT = 3.3  # the longest stable step of Dormand and Prince's method, times the fastest rate


def feed(cells: int) -> np.ndarray:
    """How much of the second substance each cell gets, (cells, cells)."""
    wave = np.cos(2 * np.pi * (np.arange(cells) + 0.5) / cells)
    return 1 + 0.4 * (wave[:, None] + wave)


def start(supply: np.ndarray, seed: int = 0) -> np.ndarray:
    """Concentrations in balance but for diffusion, and noise of 2 %, as a vector."""
    u = SOURCE + supply
    balance = np.stack([u, supply / u**2])
    return np.ravel(balance * (1 + 0.02 * np.random.default_rng(seed).normal(size=balance.shape)))


def laplacian(c: Any) -> Any:
    """Sum of the differences from the four neighbours."""
    return np.roll(c, 1, 0) + np.roll(c, -1, 0) + np.roll(c, 1, 1) + np.roll(c, -1, 1) - 4 * c


def rates(t: float, y: Any, supply: np.ndarray) -> Any:
    """How fast the concentrations change; they are a vector, first one substance and then the other."""
    u, v = y.reshape(2, *supply.shape)
    made = u**2 * v
    return np.stack([laplacian(u) + SOURCE - u + made, DIFFUSION * laplacian(v) + supply - made]).ravel()


def newton(y: np.ndarray, supply: np.ndarray, most: int = 12) -> tuple[np.ndarray, list[float]]:
    """Steady state by Newton's method, and the largest rate before each step and at the end."""
    jac = residuals(rates, 1, sparse=True).jac
    largest = [np.max(np.abs(rates(0.0, y, supply)))]
    while largest[-1] > 1e-11 and len(largest) <= most:
        y = y - spsolve(jac(0.0, y, supply), rates(0.0, y, supply))
        largest.append(np.max(np.abs(rates(0.0, y, supply))))
    return y, largest


def seconds(f: Callable[[], Any], runs: int) -> float:
    """Shortest time of some runs."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        f()
        times.append(time.perf_counter() - begin)
    return min(times)


def draw(early: tuple[float, np.ndarray], y: np.ndarray, J: Any, largest: list[float], path: Path) -> None:
    """Save pictures of the spots, of where the Jacobian is not zero, and of the steps of Newton's method."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("the picture needs matplotlib: install dualnum with the extra 'plot'") from error
    figure = Figure(figsize=(11, 3.1), layout="constrained")
    first, last, corner, steps = figure.subplots(1, 4)
    cells = int(np.sqrt(y.size / 2))
    states = {f"time {early[0]:.0f}": early[1], "steady state": y}
    for axes, (title, state) in zip((first, last), states.items(), strict=True):
        u = state.reshape(2, cells, cells)[0]
        drawn = axes.imshow(u.T, origin="lower", extent=(0, cells, 0, cells), vmin=0, vmax=np.max(y[: cells**2]))
        axes.set(title=title, xlabel="x (diffusion lengths)")
    first.set_ylabel("y (diffusion lengths)")
    figure.colorbar(drawn, ax=last, shrink=0.7, label="first substance")
    few = min(cells, 6)
    some = np.add.outer([0, cells**2], np.add.outer(cells * np.arange(few), np.arange(few))).ravel()
    corner.imshow(J[some][:, some].toarray() != 0, cmap="Blues")
    for border in (corner.axhline, corner.axvline):
        border(few**2 - 0.5, color="black", linewidth=0.8)
    middles = [few**2 / 2, few**2 * 3 / 2]
    corner.set_xticks(middles, ["first", "second"])
    corner.set_yticks(middles, ["first", "second"], rotation=90, va="center")
    corner.tick_params(bottom=False, left=False)
    corner.set(title=f"Jacobian of {few} x {few} cells", xlabel="with respect to substance", ylabel="rate of substance")
    steps.semilogy(largest, "o-")
    steps.set(
        title="Newton's method", xlabel="iteration", ylabel="largest rate of change\n(per lifetime)", box_aspect=1
    )
    steps.xaxis.get_major_locator().set_params(integer=True)
    steps.grid(alpha=0.3)
    figure.savefig(path, dpi=100)


def main() -> None:
    """Time the Jacobian, solve, find the steady state, print and draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cells", type=int, default=64, help="along each side; there are two unknowns in each cell")
    parser.add_argument(
        "--time", type=float, default=10_000, help="at which the solver stops, and Newton's method begins"
    )
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"), help="the picture to save")
    options = parser.parse_args()
    supply = feed(options.cells)
    y = start(supply)
    equations = residuals(rates, 1, sparse=True)
    J = equations.jac(0.0, y, supply)
    print(f"{y.size} unknowns. Of the Jacobian's {y.size**2} derivatives {J.nnz} are not zero.")
    v = np.random.default_rng(1).normal(size=y.shape)
    product = jvp(lambda y: rates(0.0, y, supply), (y,), (v,))[1]
    print(f"Its product with a vector differs by {np.max(np.abs(J @ v - product)):.0e} from that by forward mode.")
    run = seconds(lambda: rates(0.0, y, supply), 100)
    sparse = seconds(lambda: equations.jac(0.0, y, supply), 10)
    columns = jacobian_columns(lambda y: rates(0.0, y, supply), y, chunk=COLUMNS)
    block = seconds(lambda: list(islice(columns, COLUMNS)), 5)
    print(f"The right-hand side takes {1e3 * run:.2f} ms, and the Jacobian {sparse / run:.0f} times as much.")
    print(
        f"All columns would take {block / COLUMNS * y.size / run:.0f} times as much, and {8e-6 * y.size**2:.0f} MB; "
        f"differences of each, {y.size} times.\n"
    )
    begin = time.perf_counter()
    found = solve_ivp(
        **equations, t_span=(0, options.time), y0=y, args=(supply,), method="BDF", rtol=1e-3, atol=1e-5
    )  # fmt: skip
    whole = time.perf_counter() - begin
    print(
        f"BDF goes to time {options.time:g} in {found.t.size - 1} steps, with {found.njev} Jacobians and {found.nlu} LU"
    )
    print(f"decompositions, in {whole:.1f} s, of which the Jacobians are about {found.njev * sparse:.1f} s.")
    print(f"An explicit method is unstable with fewer than {8 * DIFFUSION * options.time / EXPLICIT:.0f} steps.\n")
    steady, largest = newton(found.y[:, -1], supply)
    print("Newton's method: the largest rate of change is " + ", ".join(f"{rate:.0e}" for rate in largest))
    near = eigs(equations.jac(0.0, steady, supply), k=4, sigma=0.05, return_eigenvectors=False)
    growth = np.max(near.real)
    print(
        f"Of the eigenvalues near 0 the largest is {growth:.1e}: the state is {'stable' if growth < 0 else 'unstable'}."
    )
    u = steady.reshape(2, *supply.shape)[0]
    spots = np.sum((u == maximum_filter(u, 5, mode="wrap")) & (u > 1.5 * (SOURCE + supply)))
    print(f"It has {spots} spots.")
    i = min(np.searchsorted(found.t, EARLY), found.t.size - 1)
    draw((found.t[i], found.y[:, i]), steady, J, largest, options.output)
    print(f"Picture: {options.output}")


if __name__ == "__main__":
    main()
