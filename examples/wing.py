"""The shape of a wing, optimised through a simulation of the flow around it.

An incompressible fluid streams past a wing of 80 parameters: the camber and the thickness of each of its columns. Lift over
drag is differentiated through all steps of the simulation, at the cost of a few runs, and L-BFGS shapes the wing by that: it
tilts it and bends it, as real wings are. The area is given, so that thinning is no way out.

The simulation is plain NumPy. In each step the fluid carries its velocity along (semi-Lagrangian, with MacCormack's correction:
Selle et al., J. Sci. Comput. 35, 2008), is stopped inside of the wing, and is made free of divergence by Fourier transforms,
which also apply viscosity (Chorin's projection). What stops the fluid is the force on the wing; it is carried over to the next
step, so that the pressure pushes no fluid through the wing (a feedback like that of Goldstein et al., J. Comput. Phys. 105,
1993). The domain is periodic, but for a fringe at the left where what comes in is made even again.

A tape of all steps would hold all their arrays. With `dualnum.checkpoint_scan` only some states are kept, and the steps between
them are taken again on the way back. That a wing is a good example was shown by S. Greydanus (2020). Run it with::

    python examples/wing.py [--output PATH] [--iterations N] [--steps N]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from dualnum import checkpoint_scan, grad, objective
from dualnum.complexity import measure
from dualnum.errors import MissingExtraError

# Lengths are in cells of the grid, and the stream has velocity 1.
HEIGHT, WIDTH = 64, 128
NOSE, CHORD = 32, 40
AREA = 0.08 * CHORD**2
STEP, VISCOSITY = 2.0, CHORD / 1000  # Reynolds number 1000
ROWS, COLUMNS = np.mgrid[:HEIGHT, :WIDTH]
STREAM = np.stack([np.ones((HEIGHT, WIDTH)), np.zeros((HEIGHT, WIDTH))])
FRINGE = 0.6 * np.exp(-(((COLUMNS - 6) / 4) ** 2))
KX, KY = 2 * np.pi * np.fft.rfftfreq(WIDTH), 2 * np.pi * np.fft.fftfreq(HEIGHT)[:, None]
K_SQUARED = KX**2 + KY**2
DECAY = np.exp(-VISCOSITY * STEP * K_SQUARED)

# Where the columns of the wing are, in chords, and averages over neighbours, which keep it smooth.
X = (np.arange(CHORD) + 0.5) / CHORD
SMOOTH = np.exp(-((CHORD * (X[:, None] - X)) ** 2) / 72)
SMOOTH /= np.sum(SMOOTH, axis=1, keepdims=True)


def outline(parameters: Any) -> tuple[Any, Any]:
    """Lower and upper edge of the wing in each of its columns; the area between them is `AREA`, whatever the parameters."""
    camber, log_thickness = np.split(parameters, 2)
    bulge = np.sqrt(X) * (1 - X) * np.exp(10 * SMOOTH @ log_thickness)
    thickness = 2 + (AREA - 2 * CHORD) * bulge / np.sum(bulge)
    middle = HEIGHT / 2 + CHORD * SMOOTH @ camber
    return middle - thickness / 2, middle + thickness / 2


def occupancy(parameters: Any) -> Any:
    """1 inside of the wing, 0 outside, and smooth over the width of a cell: shape (HEIGHT, WIDTH)."""
    lower, upper = outline(parameters)
    rows = ROWS[:, :CHORD]
    inside = (np.tanh(2 * (rows - lower)) - np.tanh(2 * (rows - upper))) / 2
    return np.pad(inside, [(0, 0), (NOSE, WIDTH - NOSE - CHORD)])


def carry(field: Any, velocity: Any) -> Any:
    """Give each cell what the velocity brings there in a step, by bilinear interpolation where it comes from."""
    x, y = COLUMNS - STEP * velocity[0], ROWS - STEP * velocity[1]
    left, low = np.floor(x).astype(int), np.floor(y).astype(int)
    to_right, to_high = x - left, y - low
    left, right, low, high = left % WIDTH, (left + 1) % WIDTH, low % HEIGHT, (low + 1) % HEIGHT
    below = (1 - to_right) * field[:, low, left] + to_right * field[:, low, right]
    above = (1 - to_right) * field[:, high, left] + to_right * field[:, high, right]
    return (1 - to_high) * below + to_high * above


def advect(velocity: Any) -> Any:
    """Carry the velocity, and correct it by what is lost when it is carried there and back."""
    there = carry(velocity, velocity)
    back = carry(there, -velocity)
    return there + (velocity - back) / 2


def project(velocity: Any) -> Any:
    """Velocity without divergence, after a step of viscosity."""
    u, v = np.fft.rfft2(velocity)
    potential = (KX * u + KY * v) / np.where(K_SQUARED == 0, 1, K_SQUARED)
    return np.fft.irfft2(DECAY * np.stack([u - KX * potential, v - KY * potential]), s=(HEIGHT, WIDTH))


def step(state: tuple[Any, Any, Any], solid: Any) -> tuple[Any, Any, Any]:
    """Next velocity, what force the wing carries over to the next step, and the momentum that it has taken since the first."""
    velocity, force, momentum = state
    velocity = advect(velocity)
    velocity = project(velocity + FRINGE * (STREAM - velocity) - force)
    slip = solid * velocity
    force = force + slip
    return velocity - slip, solid * force, momentum + np.sum(force, axis=(1, 2))


def simulate(parameters: Any, steps: int, scan: Callable[..., Any] = checkpoint_scan) -> tuple[Any, Any]:
    """Velocity after the steps, and the coefficients (drag, lift), averaged over all steps but the first quarter."""
    solid, start = occupancy(parameters), steps // 4
    state = scan(step, (STREAM, np.zeros_like(STREAM), np.zeros(2)), start, args=(solid,))
    velocity, _, momentum = scan(step, state, steps - start, args=(solid,))
    return velocity, (momentum - state[2]) / (steps - start) / STEP / (CHORD / 2)


def minus_lift_over_drag(parameters: Any, steps: int, scan: Callable[..., Any] = checkpoint_scan) -> Any:
    """What is minimised."""
    drag, lift = simulate(parameters, steps, scan)[1]
    return -lift / drag


def without_checkpoints(step: Callable[..., Any], state: Any, n_steps: int, args: tuple[Any, ...]) -> Any:
    """Take the steps of `checkpoint_scan` in a plain loop."""
    for _ in range(n_steps):
        state = step(state, *args)
    return state


def check(parameters: np.ndarray, steps: int) -> None:
    """Compare the gradient with a difference in a random direction, and what it costs with and without checkpoints."""
    v = np.random.default_rng(0).normal(size=parameters.shape)
    ahead, behind = (minus_lift_over_drag(parameters + h * v, steps) for h in (1e-6, -1e-6))
    print(f"Slope in a random direction by central differences: {(ahead - behind) / 2e-6:.8f}")
    run = min(measure(partial(minus_lift_over_drag, parameters, steps), repeat=3).times)
    for name, scan in {"checkpoints": checkpoint_scan, "a tape of all": without_checkpoints}.items():
        gradient = grad(partial(minus_lift_over_drag, steps=steps, scan=scan))
        cost = measure(partial(gradient, parameters), repeat=3)
        print(
            f"Gradient with {name:13}: slope {gradient(parameters) @ v:.8f}, time of {min(cost.times) / run:4.1f} simulations, "
            f"{cost.peak_bytes / 1e6:4.0f} MB"
        )


def optimise(steps: int, iterations: int) -> list[np.ndarray]:
    """Parameters of the first wing, a symmetric one, and after each iteration."""
    wings = [np.zeros(2 * CHORD)]
    minimize(
        **objective(partial(minus_lift_over_drag, steps=steps)),
        x0=wings[0],
        method="L-BFGS-B",
        options={"maxiter": iterations},
        callback=lambda parameters: wings.append(parameters.copy()),
    )
    return wings


def draw(wings: list[np.ndarray], flows: list[tuple[np.ndarray, np.ndarray]], path: Path) -> None:
    """Save a picture of the vorticity around the first and the last wing, and of the forces on all."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("the picture needs matplotlib: install dualnum with the extra 'plot'") from error
    figure = Figure(figsize=(10, 5.2), layout="constrained")
    axes = figure.subplot_mosaic([["before", "forces"], ["after", "forces"]], width_ratios=[3, 2])
    extent = np.array([-NOSE, WIDTH - NOSE, -0.5 - HEIGHT / 2, HEIGHT / 2 - 0.5]) / CHORD
    for name, i in (("before", 0), ("after", -1)):
        (u, v), (drag, lift) = flows[i]
        vorticity = CHORD * (np.gradient(v, axis=1) - np.gradient(u, axis=0))
        image = axes[name].imshow(
            vorticity, origin="lower", extent=extent, cmap="RdBu", vmin=-10, vmax=10, interpolation="bilinear"
        )
        axes[name].fill_between(X, *((edge - HEIGHT / 2) / CHORD for edge in outline(wings[i])), color="0.2")
        title = f"{name}: lift {lift:.2f}, drag {drag:.2f}"
        axes[name].set(title=title, xlabel="x / chord", ylabel="y / chord", xlim=(-0.4, 2.2), ylim=(-0.6, 0.5))
    figure.colorbar(image, ax=axes["after"], location="bottom", aspect=40, label="vorticity · chord / velocity")
    drags, lifts = np.array([force for _, force in flows]).T
    for name, values, style in (("lift / drag", lifts / drags, "o-"), ("lift", lifts, "^:"), ("drag", drags, "v:")):
        axes["forces"].plot(values, style, label=name)
    axes["forces"].set(title="Forces on the wing", xlabel="iteration of L-BFGS", ylabel="coefficient or ratio")
    axes["forces"].grid(alpha=0.3)
    axes["forces"].legend(loc="center right")
    figure.savefig(path)


def main() -> None:
    """Check the gradient, optimise, print and draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"), help="the picture to save")
    parser.add_argument("--iterations", type=int, default=12, help="of L-BFGS")
    parser.add_argument("--steps", type=int, default=80, help="of the simulation")
    args = parser.parse_args()
    check(np.zeros(2 * CHORD), args.steps)
    wings = optimise(args.steps, args.iterations)
    flows = [simulate(wing, args.steps) for wing in wings]
    print("\niteration   lift   drag   lift / drag")
    for i, (_, (drag, lift)) in enumerate(flows):
        print(f"{i:9}{lift:7.3f}{drag:7.3f}{lift / drag:14.3f}")
    draw(wings, flows, args.output)
    print(f"Picture: {args.output}")


if __name__ == "__main__":
    main()
