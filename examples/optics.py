"""A lens designed by tracing rays: exact Jacobians find it in any units.

Both surfaces of a lens are to be shaped such that parallel light meets in points, from straight ahead and from two angles
beside. Rays are traced through the lens: Newton's method finds where a ray meets a surface, Snell's law bends it there. Where
the rays miss their points, on the detector, are the residuals of a least-squares fit, whose unknowns are what a data sheet
says of a lens: curvatures, the distance of the detector, and the coefficients of r⁴, r⁶, ..., r¹² of both surfaces.

In millimetres, the last of these are of the size of 1e-12. SciPy's differences take steps of 1.5e-8 in all that is smaller
than 1, which sends the rays anywhere, and the fit fails. Who knows this chooses other units, and then differences
lead to the lens too, by eight times as many traces as exact Jacobians, to which units are all the same. Run it with::

    python examples/optics.py [--output PATH]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from dualnum import primal, residuals
from dualnum.errors import MissingExtraError

FOCAL_LENGTH, RADIUS, THICKNESS = 25.0, 9.0, 8.0  # mm
INDEX = 1.5168  # of borosilicate crown glass, in yellow light
ANGLES = np.deg2rad([0.0, 2.0, 4.0])
POWERS = np.arange(4, 13, 2)
#: Two spherical surfaces: curvatures (1/mm), distance from glass to detector (mm), and coefficients (1/mm³ to 1/mm¹¹).
START = np.concatenate([[1 / 25, -1 / 27, 21.0], np.zeros(2 * len(POWERS))])
#: Units in which all unknowns matter alike.
UNITS = np.concatenate([[1 / RADIUS, 1 / RADIUS, RADIUS], np.tile(RADIUS ** (1.0 - POWERS), 2)])


def pupil(rings: int = 6, spokes: int = 12) -> np.ndarray:
    """Points (3, 1, rays) where rays start before the lens: rings of equal areas."""
    r, t = np.meshgrid(RADIUS * np.sqrt(np.linspace(0, 1, rings)), np.linspace(0, 2 * np.pi, spokes, endpoint=False))
    return np.stack([np.ravel(r * np.cos(t)), np.ravel(r * np.sin(t)), np.full(r.size, -4.0)])[:, None]


def shape(r2: Any, curvature: Any, coefficients: Any) -> tuple[Any, Any]:
    """Heights over the vertex, at squared distances `r2` from the axis, (angles, rays), and slopes d(height)/d(r2)."""
    root = np.sqrt(1 - curvature**2 * r2)
    p, slope = 0.0, 0.0
    for coefficient in coefficients[::-1]:  # Horner's rule, for the polynomial and its derivative
        p, slope = coefficient + r2 * p, p + r2 * slope
    height = curvature * r2 / (1 + root) + r2**2 * p
    return height, curvature / (2 * root) + r2 * (2 * p + r2 * slope)


def refract(point: Any, ray: Any, vertex: float, surface: tuple[Any, Any], ratio: float) -> tuple[Any, Any]:
    """Points where rays meet a surface, and their directions behind it, (3, angles, rays); `ratio` is that of the indices."""
    way = (vertex - point[2]) / ray[2]
    for _ in range(6):
        x, y, z = point + way * ray
        height, slope = shape(x**2 + y**2, *surface)
        way = way - (z - vertex - height) / (ray[2] - 2 * slope * (x * ray[0] + y * ray[1]))
    x, y, z = point = point + way * ray
    _, slope = shape(x**2 + y**2, *surface)
    normal = np.stack([-2 * slope * x, -2 * slope * y, np.ones_like(slope)])
    normal = normal / np.linalg.norm(normal, axis=0)
    cosine = np.sum(normal * ray, axis=0)
    return point, ratio * ray + (np.sqrt(1 - ratio**2 * (1 - cosine**2)) - ratio * cosine) * normal


def surfaces(design: Any) -> list[tuple[Any, Any]]:
    """Curvature and coefficients of both surfaces."""
    return list(zip(design[:2], design[3:].reshape(2, -1), strict=True))


def trace(design: Any, start: np.ndarray) -> list[Any]:
    """Points (3, angles, rays) of light from all angles: before the lens, on its surfaces and on the detector."""
    front_surface, back_surface = surfaces(design)
    ray = np.stack([np.zeros(3), np.sin(ANGLES), np.cos(ANGLES)])[..., None] + np.zeros_like(start)
    front, ray = refract(start, ray, 0.0, front_surface, 1 / INDEX)
    back, ray = refract(front, ray, THICKNESS, back_surface, INDEX)
    return [start + 0 * front, front, back, back + (THICKNESS + design[2] - back[2]) / ray[2] * ray]


def misses(design: Any, start: np.ndarray | None = None) -> Any:
    """Residuals: how far rays miss their points on the detector, in micrometres; (2 * angles * rays,)."""
    points = FOCAL_LENGTH * np.stack([0 * ANGLES, np.tan(ANGLES)])[..., None]
    return np.ravel(1e3 * (trace(design, pupil() if start is None else start)[-1][:2] - points))


def size(r: Any) -> Any:
    """Root mean square of the distances of rays from their points."""
    return np.sqrt(2 * np.mean(r**2))


def exact(f: Callable[[Any], Any], x: np.ndarray) -> np.ndarray:
    """Unknowns by exact Jacobians."""
    return least_squares(**residuals(f), x0=x, x_scale="jac").x


def by_differences(f: Callable[[Any], Any], x: np.ndarray) -> np.ndarray:
    """Unknowns by SciPy's differences."""
    return least_squares(f, x0=x, x_scale="jac").x


def in_units(f: Callable[[Any], Any], x: np.ndarray) -> np.ndarray:
    """Unknowns by SciPy's differences in units of our choice."""
    return UNITS * by_differences(lambda u: f(UNITS * u), x / UNITS)


WAYS = {"exact": exact, "differences": by_differences, "differences, units chosen": in_units}


def run(way: Callable[..., np.ndarray]) -> tuple[np.ndarray | None, np.ndarray, float]:
    """The design (None if the fit fails), sizes of the spots in the order of traces, and seconds."""
    sizes: list[float] = []

    def noted(x: Any) -> Any:
        r = misses(x)
        sizes.append(float(size(primal(r))))
        return r

    begin = time.perf_counter()
    with np.errstate(invalid="ignore"):  # rays that miss the lens
        try:
            design = way(noted, START)
        except ValueError:  # SciPy says so of a Jacobian with nan
            design = None
    return design, np.array(sizes), time.perf_counter() - begin


def draw(designs: dict[str, np.ndarray], ways: dict[str, np.ndarray], path: Path) -> None:
    """Save a picture of lenses, spots, and how they became small."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("the picture needs matplotlib: install dualnum with the extra 'plot'") from error
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[2.1, 1])
    colours = ["tab:blue", "tab:green", "tab:orange"]
    fan = np.stack([np.zeros(9), np.linspace(-RADIUS, RADIUS, 9), np.full(9, -4.0)])[:, None]
    edge = np.linspace(-RADIUS - 0.5, RADIUS + 0.5, 101)
    rows: Any = left.subplots(2, 4, width_ratios=[1.9, 1, 1, 1])
    for (lens, *spots), (name, design) in zip(rows, designs.items(), strict=True):
        front, back = (shape(edge**2, *surface)[0] for surface in surfaces(design))
        lens.fill_betweenx(edge, front, THICKNESS + back, color="tab:cyan", alpha=0.25)
        lens.set(title=f"Lens {name}", xlabel="z (mm)", ylabel="y (mm)", aspect="equal")
        _, y, z = np.stack(trace(design, fan), axis=1)
        missed = misses(design, pupil(8, 24)).reshape(2, len(ANGLES), -1)
        half = 1.1 * np.max(np.abs(missed))
        for i, (axes, angle, colour) in enumerate(zip(spots, np.rad2deg(ANGLES), colours, strict=True)):
            lens.plot(z[:, i], y[:, i], color=colour, linewidth=0.5)
            axes.plot(*missed[:, i], ".", color=colour, markersize=3)
            axes.set(
                title=f"light at {angle:.0f}°", xlabel="x (µm)", xlim=(-half, half), ylim=(-half, half), aspect="equal"
            )
            axes.tick_params(labelleft=i == 0)
        spots[0].set_ylabel("y (µm)")
    course = right.subplots()
    for (name, sizes), style in zip(ways.items(), ["k-", "rX:", "b--"], strict=True):
        best = np.fmin.accumulate(sizes)  # nan where rays miss the lens
        course.loglog(1 + np.arange(len(best)), best, style, markevery=[-1], label=name)
    course.set(title="Course of the fit", xlabel="traces of all rays", ylabel="size of the spots (µm, r.m.s.)")
    course.set_ylim(4, 600)
    course.grid(alpha=0.3, which="both")
    course.legend(loc="lower left")
    figure.savefig(path, dpi=100)


def main() -> None:
    """Fit, compare, print and draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"), help="the picture to save")
    output = parser.parse_args().output
    print(f"Spots of the spherical lens: {size(misses(START)):.1f} µm (r.m.s.)\n")
    print(f"{'Jacobians':28}{'spots (µm)':>12}{'traces':>8}{'seconds':>9}")
    designs, ways = {"before": START}, {}
    for name, way in WAYS.items():
        design, ways[name], seconds = run(way)
        result = "fails" if design is None else f"{size(misses(design)):.4f}"
        print(f"{name:28}{result:>12}{len(ways[name]):8}{seconds:9.2f}")
        if name == "exact" and design is not None:
            designs["after"] = design
    draw(designs, ways, output)
    print(f"Picture: {output}")


if __name__ == "__main__":
    main()
