"""A chain of beads that learns to fold, through a simulation of its molecular dynamics.

A protein finds its structure by itself, driven by the energies between its parts. Here such energies are learned: any two beads
of a chain that are not bonded attract or repel each other with a strength of their own, and the strengths are to be such that
random coils fold into three strands side by side, whatever the noise.

The simulation is Langevin dynamics without inertia (Ermak & McCammon, J. Chem. Phys. 69, 1978), in the plane. Only the energy
is written down: `dualnum.grad` gives the forces, in every step. How far the distances between beads are from those of the
target in the end is then differentiated through all steps: a gradient of gradients. By it Adam (Kingma & Ba, 2015) learns the
strengths, from coils and noise that are new each time. Distances do not tell a structure from its mirror image, so that either
may come out. Learning energies through the simulation of folding is an idea of Ingraham et al. (2019). Run it with::

    python examples/folding.py [--output PATH] [--iterations N] [--steps N]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from dualnum import checkpoint_scan, grad, value_and_grad
from dualnum.errors import MissingExtraError

# Lengths are in bonds, the temperature in units of energy, and a force of 1 moves a bead with velocity 1.
STRANDS, LENGTH = 3, 7
BEADS = STRANDS * LENGTH
FIRST, SECOND = np.triu_indices(BEADS, 2)  # the pairs of beads that are not bonded
TEMPERATURE, STEP = 0.05, 0.025
BATCH, FRESH = 6, 1_000_000  # chains at a time, and the first seed that is not used for learning


def structure() -> np.ndarray:
    """Coordinates (BEADS, 2) of the target: strands side by side, to and fro."""
    along = np.arange(LENGTH) - (LENGTH - 1) / 2
    strands = [np.stack([along * (-1) ** i, np.full(LENGTH, i)], axis=1) for i in range(STRANDS)]
    return np.concatenate(strands)


def distances(chains: Any) -> Any:
    """Distances (..., pairs) of beads that are not bonded."""
    return np.linalg.norm(chains[..., FIRST, :] - chains[..., SECOND, :], axis=-1)


def energy(chains: Any, strengths: Any) -> Any:
    """Energy of all chains (..., BEADS, 2): springs for bonds, soft cores, and attraction of given strengths."""
    bonds = np.linalg.norm(np.diff(chains, axis=-2), axis=-1)
    r = distances(chains)
    return 5 * np.sum((bonds - 1) ** 2) + 5 * np.sum(np.exp(-2 * r**2)) - np.sum(strengths * np.exp(-r / 4))


def coils(count: int, seed: int) -> np.ndarray:
    """Unfolded chains (count, BEADS, 2): random walks, a little stretched."""
    bonds = np.random.default_rng(seed).normal(size=(count, BEADS, 2)) + [0.7, 0]
    return np.cumsum(bonds / np.linalg.norm(bonds, axis=-1, keepdims=True), axis=1)


def step(i: int, chains: Any, strengths: Any, seed: int) -> Any:
    """Let the forces and the noise of step i move the chains."""
    noise = np.random.default_rng([seed, i]).normal(size=chains.shape)
    return chains - STEP * grad(energy)(chains, strengths) + np.sqrt(2 * TEMPERATURE * STEP) * noise


def deviation(chains: Any) -> Any:
    """Root mean square difference of distances from those of the target, for each chain."""
    return np.sqrt(np.mean((distances(chains) - distances(structure())) ** 2, axis=-1))


def loss(strengths: Any, seed: int, steps: int) -> Any:
    """Mean square deviation of chains that have folded."""
    chains = checkpoint_scan(step, coils(BATCH, seed), steps, args=(strengths, seed), index=True)
    return np.mean(deviation(chains) ** 2)


def learn(iterations: int, steps: int, rate: float = 0.4) -> tuple[np.ndarray, list[float]]:
    """Strengths by Adam, and the loss before each of its iterations."""
    strengths, mean, square = np.zeros((3, len(FIRST)))
    losses = []
    for i in range(1, iterations + 1):
        value, slope = value_and_grad(loss)(strengths, i, steps)
        losses.append(value)
        slope *= min(1, 0.3 / np.linalg.norm(slope))  # it is huge where little decides between two ways to fold
        mean = 0.9 * mean + 0.1 * slope
        square = 0.99 * square + 0.01 * slope**2
        strengths = strengths - rate * (mean / (1 - 0.9**i)) / (np.sqrt(square / (1 - 0.99**i)) + 1e-8)
    return strengths, losses


def watch(strengths: np.ndarray, steps: int, count: int = 20) -> np.ndarray:
    """Let fresh chains fold; gives all their states, (steps + 1, count, BEADS, 2)."""
    states = [coils(count, FRESH)]
    for i in range(steps):
        states.append(step(i, states[-1], strengths, FRESH))
    return np.array(states)


def centred(chains: np.ndarray) -> np.ndarray:
    """Chains whose beads have the mean 0."""
    return chains - np.mean(chains, axis=-2, keepdims=True)


def superposed(chains: np.ndarray) -> np.ndarray:
    """Chains or their mirror images, moved and turned onto the target (Kabsch, Acta Cryst. A 32, 1976)."""
    u, _, v = np.linalg.svd(np.swapaxes(centred(chains), -1, -2) @ centred(structure()))
    return centred(chains) @ u @ v


def draw(strengths: np.ndarray, losses: list[float], before: np.ndarray, after: np.ndarray, path: Path) -> None:
    """Save a picture of chains, of how they approach the target, of the strengths and of the loss."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("the picture needs matplotlib: install dualnum with the extra 'plot'") from error
    figure = Figure(figsize=(10, 5.8), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[5, 6])
    shown = {
        "random coils": centred(after[0]),
        "at the end, nothing learned": centred(before[-1]),
        "at the end, learned": superposed(after[-1]),
    }
    for ax, (title, chains) in zip(top.subplots(1, 3), shown.items(), strict=True):
        ax.plot(*centred(structure()).T, color="black", linewidth=5, alpha=0.25, label="target")
        for chain in chains[:3]:
            ax.plot(*chain.T, "o-", markersize=3, linewidth=1)
        reach = 1.1 * np.max(np.abs(chains[:3]))
        ax.set(
            title=title, xlabel="x / bond", xlim=(-reach, reach), ylim=(-reach * 2 / 3, reach * 2 / 3), aspect="equal"
        )
        ax.set_ylabel("y / bond")
        ax.legend()
    course, matrix, learning = bottom.subplots(1, 3)
    for name, states in (("nothing learned", before), ("learned", after)):
        low, median, high = np.quantile(deviation(states), [0.1, 0.5, 0.9], axis=1)
        course.plot(STEP * np.arange(len(states)), median, label=name)
        course.fill_between(STEP * np.arange(len(states)), low, high, alpha=0.3)
    course.set(title=f"{after.shape[1]} fresh chains (80% of them)", xlabel="time", ylabel="deviation / bond", ylim=0)
    course.legend(loc="center right")
    table = np.full((BEADS, BEADS), np.nan)
    table[FIRST, SECOND] = table[SECOND, FIRST] = strengths
    largest = np.max(np.abs(strengths))
    bottom.colorbar(matrix.imshow(table, cmap="RdBu_r", vmin=-largest, vmax=largest), ax=matrix, label="attraction")
    touching = distances(structure()) < 1.3
    matrix.plot(FIRST[touching], SECOND[touching], "k.", markersize=4)
    matrix.set(title="strengths (• target contacts)", xlabel="bead", ylabel="bead")
    learning.semilogy(np.sqrt(losses))
    learning.set(title="learning", xlabel="iteration of Adam", ylabel="deviation / bond")
    learning.grid(alpha=0.3, which="both")
    figure.savefig(path)


def main() -> None:
    """Check the gradient, learn, let fresh chains fold, and draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"), help="the picture to save")
    parser.add_argument("--iterations", type=int, default=40, help="of Adam")
    parser.add_argument("--steps", type=int, default=240, help="of the simulation")
    args = parser.parse_args()
    nothing = np.zeros(len(FIRST))
    v = np.random.default_rng(0).normal(size=nothing.shape)
    ahead, behind = (loss(nothing + h * v, 0, args.steps) for h in (1e-5, -1e-5))
    print(f"Slope in a random direction: by central differences {(ahead - behind) / 2e-5:.8f}")
    print(f"{'by the gradient':>51} {grad(loss)(nothing, 0, args.steps) @ v:.8f}")
    strengths, losses = learn(args.iterations, args.steps)
    before, after = watch(nothing, args.steps), watch(strengths, args.steps)
    print(f"Deviation of {before.shape[1]} fresh chains from the target, in bonds:")
    for name, chains in (("random coils", before[0]), ("nothing learned", before[-1]), ("learned", after[-1])):
        print(f"{name:>16}: mean {np.mean(deviation(chains)):.3f}, worst {np.max(deviation(chains)):.3f}")
    draw(strengths, losses, before, after, args.output)
    print(f"Picture: {args.output}")


if __name__ == "__main__":
    main()
