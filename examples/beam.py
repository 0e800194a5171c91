"""The stiffest beam from half of the material: a gradient with respect to thousands of densities, through a sparse solver.

A beam rests on two supports and carries a load in the middle. Of its rectangle only half may be filled. Where, so that it
bends least? Each of the little squares of which it consists (finite elements) has a density between 0 and 1, and a
stiffness that is proportional to its cube, so that what is neither full nor empty does not pay. By symmetry the right half
is enough.

The work that the load does, the compliance, is written as one would without derivatives: put the stiffness of all elements
into a sparse matrix, solve for the displacements. Reverse mode gives its gradient with one more solution, whatever the
number of densities; the matrix is factorised once. Densities are blurred a little with a constant sparse matrix, which keeps
them from forming a checkerboard, and the step is the usual one of optimality criteria (Bendsoe & Sigmund, Topology
Optimization, 2003, section 1.2). Run it with::

    python examples/beam.py [--size N] [--steps N] [--output PATH]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from dualnum import value_and_grad
from dualnum.errors import MissingExtraError
from dualnum.scipy import sparse
from dualnum.scipy.sparse.linalg import spsolve

POISSON, FILLED, WEAKEST, RADIUS = 0.3, 0.5, 1e-9, 1.5


class Beam(NamedTuple):
    """A grid of square elements: unknowns of each, entries of their stiffness, and what is free, loaded and blurred."""

    shape: tuple[int, int]  # elements along the beam, and across
    unknowns: np.ndarray  # of each element, (count, 8)
    stiffness: np.ndarray  # of one full element, (8, 8)
    free: np.ndarray
    load: np.ndarray
    blur: Any


def element() -> np.ndarray:
    """Stiffness of a square of side and modulus 1 in plane stress; corners (0, 0), (1, 0), (1, 1), (0, 1), each x then y."""
    elasticity = np.array([[1, POISSON, 0], [POISSON, 1, 0], [0, 0, (1 - POISSON) / 2]]) / (1 - POISSON**2)
    total = np.zeros((8, 8))
    for s in (0.5 - 0.5 / 3**0.5, 0.5 + 0.5 / 3**0.5):
        for t in (0.5 - 0.5 / 3**0.5, 0.5 + 0.5 / 3**0.5):  # Gauss's points, of weight 1/4
            along, across = np.array([t - 1, 1 - t, t, -t]), np.array([s - 1, -s, s, 1 - s])
            strain = np.zeros((3, 8))
            strain[0, ::2] = strain[2, 1::2] = along
            strain[1, 1::2] = strain[2, ::2] = across
            total += strain.T @ elasticity @ strain / 4
    return total


def make_beam(length: int, height: int) -> Beam:
    """The right half: its left edge stays vertical, its lower right corner at its height; the load is at the upper left."""
    corner = np.add.outer(np.arange(length) * (height + 1), np.arange(height)).ravel()[:, None]
    corners = corner + np.array([0, height + 1, height + 2, 1])
    unknowns = np.stack([2 * corners, 2 * corners + 1], axis=-1).reshape(-1, 8)
    count = 2 * (length + 1) * (height + 1)
    fixed = np.append(np.arange(0, 2 * (height + 1), 2), 2 * length * (height + 1) + 1)
    load = np.zeros(count)
    load[2 * height + 1] = -1.0
    centers = np.stack(np.meshgrid(np.arange(length), np.arange(height), indexing="ij"), axis=-1).reshape(-1, 2)
    tree = cKDTree(centers)
    distances = tree.sparse_distance_matrix(tree, RADIUS, output_type="coo_matrix")
    near = distances.row != distances.col
    weights = sparse.coo_matrix(
        (RADIUS - distances.data[near], (distances.row[near], distances.col[near])), distances.shape
    )
    weights = weights.tocsr() + RADIUS * sparse.eye(len(centers), format="csr")
    blur = sparse.diags(1 / np.asarray(weights.sum(axis=1)).ravel()) @ weights
    return Beam((length, height), unknowns, element(), np.setdiff1d(np.arange(count), fixed), load, blur)


def compliance(density: Any, beam: Beam) -> Any:
    """Work of the load on a beam of these densities, (count,)."""
    stiffness = WEAKEST + (1 - WEAKEST) * (beam.blur @ density) ** 3
    rows = np.repeat(beam.unknowns, 8, axis=1)
    columns = np.tile(beam.unknowns, 8)
    entries = stiffness[:, None] * beam.stiffness.ravel()
    count = len(beam.load)
    matrix = sparse.coo_matrix((entries.ravel(), (rows.ravel(), columns.ravel())), shape=(count, count)).tocsc()
    load = beam.load[beam.free]
    return load @ spsolve(matrix[beam.free][:, beam.free], load)


def stepped(density: np.ndarray, gradient: np.ndarray, weight: np.ndarray, move: float = 0.2) -> np.ndarray:
    """Densities after a step: more where that helps more than it costs, by a price at which half of the material is used."""
    low, high = 0.0, 1e9
    while high - low > 1e-6 * (high + low):
        price = (low + high) / 2
        wanted = density * np.sqrt(np.maximum(0, -gradient / (price * weight)))
        found = np.clip(wanted, np.maximum(0, density - move), np.minimum(1, density + move))
        low, high = (price, high) if weight @ found > FILLED * len(density) else (low, price)
    return found


def draw(beam: Beam, density: np.ndarray, gradient: np.ndarray, history: list[float], path: Path) -> None:
    """Save pictures of the beam, of the first gradient, and of the compliance at each step."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("the picture needs matplotlib: install dualnum with the extra 'plot'") from error
    figure = Figure(figsize=(11, 5.4), layout="constrained")
    grid = figure.add_gridspec(2, 2, height_ratios=[1.3, 1])
    whole, slope, curve = (figure.add_subplot(part) for part in (grid[0, :], grid[1, 0], grid[1, 1]))
    length, height = beam.shape

    def show(axes: Any, values: np.ndarray, title: str, label: str, **style: Any) -> None:
        half = values.reshape(beam.shape).T
        drawn = axes.imshow(
            np.hstack([half[:, ::-1], half]), origin="lower", extent=(-length, length, 0, height), **style
        )
        axes.set(title=title, xlabel="distance from the load (elements)", ylabel="height (elements)")
        figure.colorbar(drawn, ax=axes, shrink=0.7, label=label)

    title = f"Half of the material, where it helps: after {len(history) - 1} steps"
    show(whole, beam.blur @ density, title, "density", cmap="Greys", vmin=0, vmax=1)
    show(slope, -gradient, "What more material would gain at first", "-dC/d density", norm="log")
    curve.semilogy(history, "o-", markersize=3, label="compliance C")
    curve.axhline(history[-1], color="grey", linewidth=0.8, label=f"the last, {history[-1]:.0f}")
    curve.set(title="Steps", xlabel="step", ylabel="compliance (load² / modulus)")
    curve.legend()
    curve.grid(alpha=0.3, which="both")
    figure.savefig(path, dpi=100)


def main() -> None:
    """Check and time the gradient, optimise, print and draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--size", type=int, default=30, help="elements across the beam; half of it is three times as long"
    )
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"), help="the picture to save")
    options = parser.parse_args()
    beam = make_beam(3 * options.size, options.size)
    count = beam.shape[0] * beam.shape[1]
    density = np.full(count, FILLED)
    both = value_and_grad(compliance)
    begin = time.perf_counter()
    value = compliance(density, beam)
    plain = time.perf_counter() - begin
    begin = time.perf_counter()
    _, gradient = both(density, beam)
    print(f"{count} densities, {len(beam.free)} unknowns. The compliance takes {1e3 * plain:.0f} ms; with all its")
    print(f"derivatives, {(time.perf_counter() - begin) / plain:.1f} times as long.")
    direction = np.random.default_rng(0).uniform(-1, 1, count)
    step = 1e-4 * direction
    difference = (compliance(density + step, beam) - compliance(density - step, beam)) / 2e-4
    print(f"Along a direction it differs by {abs(gradient @ direction / difference - 1):.0e} from differences.\n")
    weight = beam.blur.T @ np.ones(count)
    history, start = [value], gradient
    for _ in range(options.steps):
        density = stepped(density, gradient, weight)
        value, gradient = both(density, beam)
        history.append(value)
    print(f"In {options.steps} steps the compliance falls from {history[0]:.1f} to {history[-1]:.1f},")
    print(f"with {100 * np.mean(beam.blur @ density):.1f} % of the material.")
    draw(beam, density, start, history, options.output)
    print(f"Picture: {options.output}")


if __name__ == "__main__":
    main()
