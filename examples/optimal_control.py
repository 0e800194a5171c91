"""Two fleets change places: optimal control with thousands of unknowns.

Drones that stand left and right of a whirlwind are to change places within 20 seconds, with little thrust and without
coming closer to each other than three metres. What is unknown is the control: the acceleration of each drone at each
time, thousands of numbers. Velocities and positions are their sums over time, and the thrust is what it takes to
accelerate against the drag of the wind. That is all that has to be written down, in NumPy:

- ``minimize(cost, ...)`` finds the gradient by differences: it runs the simulation once for each unknown.
- ``minimize(**objective(cost), ...)`` finds it exactly, by reverse mode, in the time of a few runs; how many unknowns
  there are does not matter.

The script solves the problem with exact gradients, gives differences so many seconds for the same, and prints and
draws how far both have come. Run it with::

    python examples/optimal_control.py [--rows N] [--steps N] [--seconds S] [--output PATH]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import approx_fprime, minimize

from dualnum import objective
from dualnum.errors import MissingExtraError

TIME = 20.0  # s
DISTANCE = 3.0  # m, that drones keep
DRAG = 0.05  # 1/m
PENALTY = 100.0  # m²/s⁴, for two drones in one place


def fleets(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """First and last positions (drones, 2), in metres, of two fleets of two columns each."""
    y = 4.0 * (np.arange(rows) - (rows - 1) / 2)
    left = np.stack(np.meshgrid([-24.0, -20.0], y), axis=-1).reshape(-1, 2)
    return np.concatenate([left, -left]), np.concatenate([left + [44, 0], -left - [44, 0]])


def wind(x: Any) -> Any:
    """Velocity of the air at positions (..., 2), in metres per second: a whirl around the origin."""
    whirl = np.stack([-x[..., 1], x[..., 0]], axis=-1)
    return whirl * np.exp(-np.sum(x**2, axis=-1, keepdims=True) / 100)


def fly(u: Any, first: np.ndarray, last: np.ndarray) -> tuple[Any, Any, Any]:
    """Positions, velocities and accelerations (steps, drones, 2), of drones that end where they should, at rest.

    The accelerations are those of `u` of the same shape that are closest to it among those which do so.
    """
    steps = len(u)
    dt = TIME / steps
    ends = dt * np.stack([np.ones(steps), dt * (steps - np.arange(steps))])  # velocity and displacement
    missing = np.stack([np.zeros_like(first), last - first]) - np.tensordot(ends, u, 1)
    acceleration = u + np.tensordot(np.linalg.pinv(ends), missing, 1)
    velocity = dt * np.cumsum(acceleration, axis=0)
    return first + dt * np.cumsum(velocity, axis=0), velocity, acceleration


def squared_distances(position: Any) -> Any:
    """Squared distances (steps, pairs) of all pairs of drones."""
    i, j = np.triu_indices(position.shape[1], 1)
    return np.sum((position[:, i] - position[:, j]) ** 2, axis=-1)


def cost(u: Any, first: np.ndarray, last: np.ndarray) -> Any:
    """Squared thrust over time for each drone, in m²/s³, and a penalty for what is too close, for controls as a vector."""
    position, velocity, acceleration = fly(u.reshape(-1, *first.shape), first, last)
    airspeed = velocity - wind(position)
    thrust = acceleration + DRAG * airspeed * np.sqrt(np.sum(airspeed**2, axis=-1, keepdims=True))
    closeness = np.maximum(0, 1 - squared_distances(position) / DISTANCE**2)
    rate = np.sum(thrust**2) + PENALTY * np.sum(closeness**2)
    return rate * TIME / len(position) / len(first)


def solve(problem: dict[str, Any], u: np.ndarray, args: tuple[Any, ...], limit: float) -> tuple[Any, np.ndarray]:
    """Solution by L-BFGS within a number of seconds; the way there as times and costs (2, iterations)."""
    way = [(0.0, cost(u, *args))]
    begin = time.perf_counter()

    def note(intermediate_result: Any) -> None:
        way.append((time.perf_counter() - begin, intermediate_result.fun))
        if way[-1][0] > limit:
            raise StopIteration

    options = {"maxiter": 2000, "maxfun": 10**9, "ftol": 1e-7}
    found = minimize(**problem, x0=u, args=args, method="L-BFGS-B", callback=note, options=options)
    return found, np.transpose(way)


def draw(position: np.ndarray, ways: dict[str, np.ndarray], path: Path) -> None:
    """Save a picture of all flights, and of the cost over the time of computation."""
    try:
        from matplotlib.figure import Figure
        from matplotlib.patches import Circle
    except ImportError as error:
        raise MissingExtraError("the picture needs matplotlib: install dualnum with the extra 'plot'") from error
    figure = Figure(figsize=(10, 4.4), layout="constrained")
    flights, costs = figure.subplots(1, 2, width_ratios=[1.35, 1])
    grid = np.stack(np.meshgrid(np.linspace(-24, 24, 17), np.linspace(-16, 16, 13)), axis=-1)
    flights.quiver(*np.moveaxis(grid, -1, 0), *np.moveaxis(wind(grid), -1, 0), color="0.75", width=0.003)
    halves = np.split(position, 2, axis=1)
    for fleet, colour, side in zip(halves, ["tab:blue", "tab:orange"], ["left", "right"], strict=True):
        lines = flights.plot(*np.moveaxis(fleet, -1, 0), color=colour, linewidth=1)
        lines[0].set_label(f"from the {side}")
        for centre in fleet[len(fleet) // 2]:  # drawn as large as the distance that is kept
            flights.add_patch(Circle(centre, DISTANCE / 2, facecolor=colour, alpha=0.6))
    flights.set(
        title=f"Flights through a whirlwind; discs: after {TIME / 2:.0f} s",
        xlabel="x (m)",
        ylabel="y (m)",
        aspect="equal",
        ylim=(-22, 26),
    )
    flights.legend(loc="upper center", ncols=2)
    for (name, way), marker in zip(ways.items(), [".", "s"], strict=True):
        costs.semilogx(*way[:, 1:], marker=marker, label=name)
    costs.set(
        title="Cost while SciPy's L-BFGS-B computes", xlabel="time (s)", ylabel="cost per drone (m²/s³)", ylim=(0, None)
    )
    costs.grid(alpha=0.3)
    costs.legend()
    figure.savefig(path, dpi=100)


def main() -> None:
    """Solve, compare, print and draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=6, help="drones in a column, of four columns")
    parser.add_argument("--steps", type=int, default=60, help="steps of time")
    parser.add_argument(
        "--seconds", type=float, default=20, help="time for a solution; differences may take a step longer"
    )
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"), help="the picture to save")
    options = parser.parse_args()
    args = fleets(options.rows)
    u = np.zeros(options.steps * args[0].size)

    print(f"{len(args[0])} drones and {options.steps} steps make {u.size} unknowns. Seconds for")
    exact = objective(cost)
    for name, compute in {
        "the cost": cost,
        "its gradient, exact": exact.jac,
        "its gradient, by differences": lambda u, *args: approx_fprime(u, cost, 1.5e-8, *args),
    }.items():
        begin = time.perf_counter()
        compute(u, *args)
        print(f"    {name:30}{time.perf_counter() - begin:10.4f}")

    ways = {}
    print(f"\n{'':34}{'cost':>10}{'iterations':>12}{'runs':>10}{'seconds':>10}")
    for name, problem in {"exact gradients": {**exact}, "differences": {"fun": cost}}.items():
        found, ways[name] = solve(problem, u, args, options.seconds)
        print(f"    {name:30}{found.fun:10.4f}{found.nit:12}{found.nfev:10}{ways[name][0, -1]:10.2f}")
        if name == "exact gradients":
            position = fly(found.x.reshape(-1, *args[0].shape), *args)[0]
    print(f"\nThe drones come as close as {np.sqrt(np.min(squared_distances(position))):.2f} m.")
    draw(position, ways, options.output)
    print(f"Picture: {options.output}")


if __name__ == "__main__":
    main()
