"""Learning how to learn: learning rates and penalties by the gradient through a whole training run.

A small network is to learn to read from 200 images of digits, and each of its inputs has as much noise beside the digit as
there is digit. How well it does depends on its hyperparameters: the learning rates of both layers at each step, and how much
the weights of each input are penalised. For 40 steps and 128 inputs these are 208 numbers, too many for a grid. But a training
run is a program like any other, with the gradients that are computed in it: the derivatives by all 208, of the loss on other
images after training, take as long as a few runs.

The script first tries a grid of rates and penalties, the same at all steps and for all inputs. From the best of them SciPy's
L-BFGS-B goes on with the gradient through the run. It finds out which inputs are noise, and which layer should be fast at what
time. What that is worth is told by a third set of images, which have had no part in it. Run it with::

    python examples/hyperparameters.py [--steps 40] [--iterations 20] [--output PATH]

`dualnum.checkpoint_scan` can take the place of the loop in `train`; with `memory=5` the gradient takes an eighth of the memory.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from mlp import initial, load, loss_fun, milliseconds, read_as
from scipy.optimize import minimize

from dualnum import grad, objective
from dualnum.errors import MissingExtraError

SIZES = [128, 32, 10]
RATES = [0.25, 0.5, 1.0, 2.0, 4.0]
PENALTIES = [1e-4, 1e-3, 1e-2, 1e-1]
# Where L-BFGS-B may go.
LOG_RATES, LOG_PENALTIES = np.log([1e-2, 30.0]), np.log([1e-6, 1.0])

Data = tuple[np.ndarray, np.ndarray]


def load_with_noise() -> list[Data]:
    """Pairs of inputs (n, 128) and labels (n,), for training, validation and test; each input is a digit beside noise."""
    images, labels = load()
    noise = np.random.default_rng(1).normal(scale=0.5, size=images.shape)
    inputs = np.hstack([images - np.mean(images[:200], axis=0), noise])
    return [(inputs[part], labels[part]) for part in (slice(200), slice(200, 700), slice(700, None))]


def constant(rate: float, penalty: float, steps: int) -> np.ndarray:
    """Hyperparameters (2 steps + 128,), in one vector of logarithms: rates of each step and layer, penalties of the inputs."""
    return np.log(np.concatenate([np.full(2 * steps, rate), np.full(SIZES[0], penalty)]))


def unpack(hyper: Any) -> tuple[Any, Any]:
    """Learning rates (steps, 2) and penalties (128,)."""
    return np.exp(np.reshape(hyper[: -SIZES[0]], (-1, 2))), np.exp(hyper[-SIZES[0] :])


def penalised_loss(params: list[Any], penalties: Any, inputs: np.ndarray, labels: np.ndarray) -> Any:
    """Loss with a penalty on the weights of each input."""
    (W, _), _ = params
    return loss_fun(params, inputs, labels) + np.sum(penalties * np.sum(W**2, axis=1))


def train(hyper: Any, data: Data) -> list[Any]:
    """Parameters of the network before and after each step of gradient descent."""
    rates, penalties = unpack(hyper)
    states = [initial(SIZES, np.random.default_rng(0))]
    for rates_of_layers in rates:
        bars = grad(penalised_loss)(states[-1], penalties, *data)
        layers = zip(states[-1], bars, rates_of_layers, strict=True)
        states.append([(W - rate * W_bar, b - rate * b_bar) for (W, b), (W_bar, b_bar), rate in layers])
    return states


def validation_loss(hyper: Any, data: list[Data]) -> Any:
    """What is to be minimised: the loss on the validation images after training."""
    return loss_fun(train(hyper, data[0])[-1], *data[1])


def search(steps: int, data: list[Data]) -> np.ndarray:
    """The best of a grid of constant rates and penalties."""
    grid = [constant(rate, penalty, steps) for rate in RATES for penalty in PENALTIES]
    return min(grid, key=lambda hyper: validation_loss(hyper, data))


def improve(hyper: np.ndarray, data: list[Data], iterations: int) -> list[np.ndarray]:
    """Hyperparameters before and after each iteration of L-BFGS-B."""
    path = [hyper]
    minimize(
        **objective(validation_loss),
        x0=hyper,
        args=(data,),
        method="L-BFGS-B",
        bounds=[LOG_RATES] * (len(hyper) - SIZES[0]) + [LOG_PENALTIES] * SIZES[0],
        options={"maxiter": iterations},
        callback=path.append,
    )
    return path


def draw(path: list[np.ndarray], data: list[Data], output: Path) -> None:
    """Save a picture of the losses, on the way and in training, and of the hyperparameters that were learned."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("the picture needs matplotlib: install dualnum with the extra 'plot'") from error
    figure = Figure(figsize=(10, 7), layout="constrained")
    axes = figure.subplot_mosaic("AB;CD")
    runs = [train(hyper, data[0]) for hyper in path]
    for name, part in zip(["validation images", "test images"], data[1:], strict=True):
        axes["A"].plot([loss_fun(states[-1], *part) for states in runs], "o-", markersize=3, label=name)
    axes["A"].set(title="After training", xlabel="iteration of L-BFGS-B", ylabel="loss", ylim=0)
    for name, states in {"best of the grid": runs[0], "learned": runs[-1]}.items():
        axes["B"].plot([loss_fun(params, *data[2]) for params in states], label=name)
    axes["B"].set(title="During training", xlabel="step", ylabel="loss of the test images", ylim=0)
    rates, penalties = unpack(path[-1])
    axes["C"].axhline(unpack(path[0])[0][0, 0], linestyle=":", color="black", label="best of the grid")
    for k, name in enumerate(["first layer", "second layer"]):
        axes["C"].plot(range(1, len(rates) + 1), rates[:, k], label=f"learned: {name}")
    axes["C"].set(title="Learning rates", xlabel="step", ylabel="learning rate", ylim=(0, 22))
    for name in "ABC":
        axes[name].legend()
        axes[name].grid(alpha=0.3)
        axes[name].xaxis.get_major_locator().set_params(integer=True)
    picture = axes["D"].imshow(np.hstack(np.reshape(np.log10(penalties), (2, 8, 8))), aspect="auto")
    figure.colorbar(picture, label="decimal logarithm of the penalty")
    axes["D"].set(
        title="Learned penalties of the inputs", xticks=[3.5, 11.5], xticklabels=["digit", "noise"], yticks=[]
    )
    figure.savefig(output)


def main() -> None:
    """Search, improve and draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--steps", type=int, default=40, help="steps of a training run")
    parser.add_argument("--iterations", type=int, default=20, help="iterations of L-BFGS-B")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"), help="the picture to save")
    options = parser.parse_args()
    data = load_with_noise()
    start = search(options.steps, data)
    run, gradient = (milliseconds(f, start, data) for f in (validation_loss, grad(validation_loss)))
    print(f"The gradient by {len(start)} hyperparameters takes as long as {gradient / run:.1f} training runs.")
    path = improve(start, data, options.iterations)
    print(f"{'loss':17}{'training':>10}{'validation':>12}{'test':>8}   test images read right")
    for name, hyper in {"best of the grid": path[0], "learned": path[-1]}.items():
        params = train(hyper, data[0])[-1]
        losses = [loss_fun(params, *part) for part in data]
        right = np.mean(read_as(params, data[2][0]) == data[2][1])
        print("{:17}{:10.3f}{:12.3f}{:8.3f}{:11.1%}".format(name, *losses, right))
    digit, noise = np.split(unpack(path[-1])[1], 2)
    print(
        f"Learned penalties: {np.median(digit):.1e} for inputs of digits, {np.median(noise):.1e} for noise (medians)."
    )
    draw(path, data, options.output)
    print(f"Picture: {options.output}")


if __name__ == "__main__":
    main()
