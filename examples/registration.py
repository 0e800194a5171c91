"""Two pictures of one scene, brought to lie on each other by a smooth deformation.

The second picture was taken through moving air: every place of it is displaced a little, neighbours in nearly the same
way. The displacement is sought as a coarse grid of 2 x 8 x 8 numbers that `zoom` makes smooth; `map_coordinates` looks the
first picture up where it says, and `gaussian_filter` blurs the difference, at first much, so that details do not lead
astray, and then less. L-BFGS makes it small, with the gradient through all three functions, which are taken from
`dualnum.scipy.ndimage` in place of SciPy's. A deformation that bends costs a little. Run it with::

    python examples/registration.py [--output PATH] [--iterations N]
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from dualnum import check_derivatives, grad, objective
from dualnum.complexity import measure
from dualnum.errors import MissingExtraError
from dualnum.scipy import ndimage

SIZE, COARSE = 96, 8
PLACES = np.mgrid[:SIZE, :SIZE].astype(float)
BLURS = (4.0, 2.0, 1.0)
BENDING = 1e-6


def scene() -> np.ndarray:
    """A picture with rings, stripes and spots, in grey from 0 to 1."""
    rows, columns = (PLACES - SIZE / 2) / SIZE
    rng = np.random.default_rng(3)
    picture = 0.5 + 0.25 * np.cos(60 * np.hypot(rows, columns)) * np.exp(-6 * (rows**2 + columns**2))
    picture += 0.12 * np.sin(26 * (rows + 0.4 * columns))
    for row, column in rng.uniform(-0.45, 0.45, (25, 2)):
        picture += rng.choice([-0.4, 0.4]) * np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 5e-4)
    return picture


def displacement(coarse: Any) -> Any:
    """Displacement of all places, in pixels, of shape ``(2, SIZE, SIZE)``, from that of a coarse grid."""
    return np.stack([ndimage.zoom(part, SIZE / COARSE, order=3, mode="nearest", grid_mode=True) for part in coarse])


def looked_up(picture: np.ndarray, coarse: Any) -> Any:
    """The picture, seen through a deformation."""
    return ndimage.map_coordinates(picture, PLACES + displacement(coarse), order=3, mode="mirror")


def mismatch(coarse: Any, fixed: np.ndarray, seen: np.ndarray, blur: float) -> Any:
    """Mean square of the difference of both pictures, blurred, and what it costs to bend."""
    coarse = np.reshape(coarse, (2, COARSE, COARSE))
    difference = ndimage.gaussian_filter(looked_up(fixed, coarse) - seen, blur)
    bend = sum(np.sum(np.diff(coarse, 2, axis) ** 2) for axis in (1, 2))
    return np.mean(difference**2) + BENDING * bend


def register(fixed: np.ndarray, seen: np.ndarray, iterations: int) -> tuple[np.ndarray, list[float]]:
    """Coarse grid of the deformation that takes one picture to the other, and the mean square differences on the way."""
    coarse, history = np.zeros(2 * COARSE**2), []

    def note(x: np.ndarray) -> None:
        history.append(float(np.mean((looked_up(fixed, np.reshape(x, (2, COARSE, COARSE))) - seen) ** 2)))

    note(coarse)
    for blur in BLURS:
        cost, limits = partial(mismatch, fixed=fixed, seen=seen, blur=blur), {"maxiter": iterations, "gtol": 1e-9}
        coarse = minimize(**objective(cost), x0=coarse, method="L-BFGS-B", callback=note, options=limits).x
    return np.reshape(coarse, (2, COARSE, COARSE)), history


def draw(fixed: Any, seen: Any, true: Any, found: Any, history: list[float], output: Path) -> None:
    """Save a picture of both pictures, of their differences before and after, of the deformations and of the way."""
    try:
        import matplotlib
    except ImportError as error:
        raise MissingExtraError("the picture", "plot") from error
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(2, 3, figsize=(12, 7.6), layout="constrained")
    after = looked_up(fixed, found) - seen
    limit = np.max(np.abs(fixed - seen))
    for axis, title, image in ((axes[0, 0], "one picture", fixed), (axes[0, 1], "the other, through moving air", seen)):
        axis.imshow(image, cmap="gray")
        axis.set_title(title)
    for axis, title, image in (
        (axes[1, 0], "difference before", fixed - seen),
        (axes[1, 1], "difference after", after),
    ):
        shown = axis.imshow(image, cmap="RdBu", vmin=-limit, vmax=limit)
        axis.set_title(f"{title}: {np.sqrt(np.mean(image**2)):.4f}")
    figure.colorbar(shown, ax=axes[1, :2], shrink=0.8, label="difference of brightness")
    every = np.s_[4::8]
    for field, colour, width, label in (
        (displacement(true), "tab:orange", 0.012, "true"),
        (displacement(found), "tab:blue", 0.005, "found"),
    ):
        axes[0, 2].quiver(
            PLACES[1, every, every], PLACES[0, every, every], field[1, every, every], field[0, every, every],
            color=colour, width=width, angles="xy", scale_units="xy", scale=0.6, label=label,
        )  # fmt: skip
    axes[0, 2].set(title="displacement, times 1.7", aspect="equal", xlim=(-2, SIZE + 1), ylim=(SIZE + 1, -2))
    axes[0, 2].legend(loc="upper right")
    axes[1, 2].semilogy(np.sqrt(history))
    axes[1, 2].set(
        title="while the blur gets narrower", xlabel="iteration of L-BFGS", ylabel="root mean square of the difference"
    )
    for axis in (axes[0, 0], axes[0, 1], axes[1, 0], axes[1, 1], axes[0, 2]):
        axis.set(xticks=[], yticks=[], xlabel=f"{SIZE} pixels")
    figure.savefig(output, dpi=110)
    plt.close(figure)


def main() -> None:
    """Register the pictures, print what comes of it, and save a picture."""
    parser = argparse.ArgumentParser(description="Two pictures are brought to lie on each other.")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"))
    parser.add_argument("--iterations", type=int, default=40, help="iterations of L-BFGS for each width of the blur")
    options = parser.parse_args()

    rng = np.random.default_rng(1)
    fixed = scene()
    true = 3.0 * ndimage.gaussian_filter(rng.normal(size=(2, COARSE, COARSE)), (0, 1, 1), mode="nearest") / 0.3
    seen = looked_up(fixed, true) + 0.005 * rng.normal(size=fixed.shape)

    start = 0.1 * rng.normal(size=2 * COARSE**2)
    cost = partial(mismatch, fixed=fixed, seen=seen, blur=2.0)
    print(f"the gradient agrees with differences: {check_derivatives(cost, start).ok}")
    once, slope = (min(measure(partial(f, start)).times) for f in (cost, grad(cost)))
    print(f"the gradient with respect to {start.size} numbers costs {slope / once:.1f} runs")

    found, history = register(fixed, seen, options.iterations)
    inner = np.s_[:, 12:-12, 12:-12]
    before, after = (np.sqrt(np.mean(field[inner] ** 2)) for field in (displacement(true), displacement(found - true)))
    print(f"difference of the pictures: {np.sqrt(history[0]):.4f} before, {np.sqrt(history[-1]):.4f} after")
    print(f"displacement: {before:.3f} pixels before, {after:.3f} pixels of error after")
    draw(fixed, seen, true, found, history, options.output)
    print(f"saved {options.output}")


if __name__ == "__main__":
    main()
