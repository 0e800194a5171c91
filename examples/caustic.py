"""A glass plate that casts a picture: a thousand unknowns shaped by the gradient through traced light.

Parallel light enters a plate of glass from below and leaves it through the shaped side above. Snell's law bends each ray
there, and on a screen the rays are dense in some places and rare in others. Which heights make a given picture of them? They
are a sum of cosines with unknown amplitudes, the light on the screen is a sum of cosines too, and a fit makes these equal
to those of the picture. By differences each gradient would take one run per amplitude; reverse mode takes the time of two or
three runs for all. Run it with::

    python examples/caustic.py [--waves N] [--rays N] [--steps N] [--output PATH]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from dualnum import objective
from dualnum.errors import MissingExtraError

WIDTH, DISTANCE = 50.0, 200.0  # mm, of the plate and to the screen
INDEX = 1.5  # of glass
EARLY = 10  # steps after which a first look is taken


def middles(n: int) -> np.ndarray:
    """Middles (n,) of pixels, on plate and screen, from 0 to 1."""
    return (np.arange(n) + 0.5) / n


def cosines(x: Any, waves: int) -> Any:
    """Waves at points: the shape of `x`, and an axis for the number of half waves."""
    return np.cos(np.pi * x[..., None] * np.arange(waves))


def picture(n: int) -> np.ndarray:
    """Brightness (n, n) of a sign for a derivative, with the mean 1; axes are x and y."""
    x, y = np.meshgrid(2 * middles(n) - 1, 2 * middles(n) - 1, indexing="ij")
    t = np.linspace(-0.35, 2.3, 100)
    stroke = np.min(np.hypot(x[..., None] - 0.42 * np.cos(t), y[..., None] + 0.2 - 0.86 * np.sin(t)), axis=-1)
    ring = np.abs(np.hypot(x / 0.42, (y + 0.25) / 0.4) - 1)
    bright = np.where((ring < 0.2) | (stroke < 0.085), 1.0, 0.04)
    return bright / np.mean(bright)


def plate(u: Any, rays: int) -> tuple[Any, Any]:
    """Heights (rays, rays) in mm, and slopes (2, rays, rays), for amplitudes as a vector; short waves in smaller units."""
    waves = int(np.sqrt(u.size))
    k = np.pi * np.arange(waves)
    scale = 1 / np.maximum(k[:, None] ** 2 + k**2, 1)
    scale[0, 0] = 0  # a thicker plate casts the same picture
    amplitudes = WIDTH * u.reshape(waves, waves) * scale
    wave = cosines(middles(rays), waves)
    slope = -k / WIDTH * np.sin(np.pi * middles(rays)[:, None] * np.arange(waves))
    return wave @ amplitudes @ wave.T, np.stack([slope @ amplitudes @ wave.T, wave @ amplitudes @ slope.T])


def screen(u: Any, rays: int) -> Any:
    """Points (2, rays, rays) where rays meet the screen, from 0 to 1."""
    height, slope = plate(u, rays)
    length = np.sqrt(1 + np.sum(slope**2, axis=0))  # of the normal (-slope, 1)
    cosine = 1 / length
    turn = (np.sqrt(1 - INDEX**2 * (1 - cosine**2)) - INDEX * cosine) / length  # Snell's law, for the ray (0, 0, 1)
    way = -turn * slope / (INDEX + turn) * (DISTANCE - height)
    return np.stack(np.meshgrid(middles(rays), middles(rays), indexing="ij")) + way / WIDTH


def loss(u: Any, wanted: np.ndarray, rays: int) -> Any:
    """Difference between the waves of the light and those that are wanted, (n, n); long waves count more."""
    n = len(wanted)
    x, y = screen(u, rays).reshape(2, -1)
    found = cosines(x, n).T @ cosines(y, n) / rays**2
    return np.sum((found - wanted) ** 2 / (1 + np.arange(n)[:, None] ** 2 + np.arange(n) ** 2))


def light(u: np.ndarray, pixels: int) -> np.ndarray:
    """Brightness (pixels, pixels) of the screen, from 36 rays for each pixel."""
    x, y = screen(u, 6 * pixels).reshape(2, -1)
    return np.histogram2d(x, y, bins=pixels, range=[[0, 1], [0, 1]])[0] / 36


def draw(early: np.ndarray, u: np.ndarray, steps: int, path: Path) -> None:
    """Save pictures of what is wanted, of the plate, and of the light on the screen."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("the picture needs matplotlib: install dualnum with the extra 'plot'") from error
    figure = Figure(figsize=(10, 3.1), layout="constrained")
    panels = figure.subplots(1, 4)
    heights = plate(u, 128)[0]
    images = {
        "wanted": picture(128),
        f"light after {EARLY} steps": light(early, 128),
        f"light after {steps} steps": light(u, 128),
        "height of the plate (mm)": heights - np.min(heights),
    }
    for axes, (title, image) in zip(panels, images.items(), strict=True):
        on_screen = not title.startswith("height")
        drawn = axes.imshow(
            image.T, origin="lower", extent=(0, WIDTH, 0, WIDTH), cmap="gray" if on_screen else "viridis",
            vmin=0, vmax=1.3 * np.max(images["wanted"]) if on_screen else None,
        )  # fmt: skip
        axes.set(title=title, xlabel="x (mm)", xticks=[0, 25, 50], yticks=[0, 25, 50])
        axes.tick_params(labelleft=axes is panels[0])
    panels[0].set_ylabel("y (mm)")
    figure.colorbar(drawn, ax=panels[-1], shrink=0.7)
    figure.savefig(path, dpi=100)


def main() -> None:
    """Fit the plate, print and draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--waves", type=int, default=32, help="half waves along each side; their square is the unknowns"
    )
    parser.add_argument("--rays", type=int, default=80, help="rays along each side")
    parser.add_argument("--steps", type=int, default=150, help="steps of the fit")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"), help="the picture to save")
    options = parser.parse_args()
    wave = cosines(middles(192), options.waves)
    args = wave.T @ picture(192) @ wave / 192**2, options.rays
    u = np.zeros(options.waves**2)

    at_start, way = loss(u, *args), [u]
    begin = time.perf_counter()
    loss(u, *args)
    run = time.perf_counter() - begin
    begin = time.perf_counter()
    found = minimize(
        **objective(loss), x0=u, args=args, method="L-BFGS-B", callback=lambda u: way.append(u.copy()),
        options={"maxiter": options.steps, "ftol": 0, "gtol": 0},
    )  # fmt: skip
    seconds = time.perf_counter() - begin
    print(f"{u.size} unknowns, {options.rays**2} rays; a run takes {run:.4f} s.")
    print(
        f"{found.nit} steps with {found.nfev} runs and exact gradients took {seconds:.1f} s, {seconds / found.nfev:.4f} s each."
    )
    print(f"Differences would take {u.size} runs for a gradient, {u.size * run:.1f} s.\n")
    print(f"The loss falls from {at_start:.2e} to {found.fun:.2e}.")
    likeness = np.corrcoef(light(found.x, 64).ravel(), picture(64).ravel())[0, 1]
    print(f"The correlation of the light with the picture is {likeness:.3f}, pixel by pixel.")
    draw(way[min(EARLY, found.nit)], found.x, found.nit, options.output)
    print(f"Picture: {options.output}")


if __name__ == "__main__":
    main()
