"""A multi-layer perceptron learns to read: its gradient by the tape and by hand.

The network and its loss are a dozen lines of plain NumPy, and `dualnum.value_and_grad` gives the gradient with respect to the
list of weights and biases. It is trained on 1297 of the 1797 images of handwritten digits that users of scikit-learn know as
`load_digits`, and tested on the other 500, which are of the same writers.

At each step the same gradient is computed by a backward pass that was derived on paper, and the two are compared. They agree
to round-off. But change a line of the network, say `np.tanh` to `np.sin`, and only one of them is still its gradient. Run it
with::

    python examples/mlp.py [--epochs 40] [--output PATH]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from dualnum import grad, value_and_grad
from dualnum.errors import MissingExtraError

DATA = Path(__file__).parent / "data" / "digits.npz"
TRAINING = 1297  # images; the other 500 are for the test
SIZES = [64, 64, 32, 10]
BATCH = 32
RATE = 0.05
MOMENTUM = 0.9


def load() -> tuple[np.ndarray, np.ndarray]:
    """Images (1797, 64) with pixels from 0 to 1, and labels (1797,), in an order without any meaning."""
    with np.load(DATA) as file:
        order = np.random.default_rng(0).permutation(len(file["labels"]))
        return file["images"][order] / 16, file["labels"][order].astype(int)


def initial(sizes: list[int], rng: np.random.Generator) -> list[Any]:
    """A pair of weights (m, n) and biases (n,) for each layer."""
    return [(rng.normal(scale=m**-0.5, size=(m, n)), np.zeros(n)) for m, n in pairwise(sizes)]


def predict(params: list[Any], inputs: Any) -> Any:
    """Log-probabilities (batch, 10) of the digits, for images (batch, 64)."""
    for W, b in params:
        outputs = np.dot(inputs, W) + b
        inputs = np.tanh(outputs)
    outputs = outputs - np.max(outputs, axis=1, keepdims=True)  # lest the exponential overflow
    return outputs - np.log(np.sum(np.exp(outputs), axis=1, keepdims=True))


def loss_fun(params: list[Any], inputs: Any, labels: np.ndarray) -> Any:
    """Cross-entropy: the mean of -log(probability of the right digit)."""
    return -np.mean(predict(params, inputs)[np.arange(len(labels)), labels])


def grad_by_hand(params: list[Any], inputs: np.ndarray, labels: np.ndarray) -> list[Any]:
    """Gradient of `loss_fun`, derived on paper."""
    activations = [inputs]
    for W, b in params:
        outputs = np.dot(activations[-1], W) + b
        activations.append(np.tanh(outputs))
    bar = np.exp(outputs - np.max(outputs, axis=1, keepdims=True))
    bar /= np.sum(bar, axis=1, keepdims=True)
    bar[np.arange(len(labels)), labels] -= 1
    bar /= len(labels)
    gradient = []
    for (W, _), below in zip(reversed(params), reversed(activations[:-1]), strict=True):
        gradient.append((below.T @ bar, np.sum(bar, axis=0)))
        bar = (bar @ W.T) * (1 - below**2)
    return gradient[::-1]


def read_as(params: list[Any], inputs: np.ndarray) -> np.ndarray:
    """The most probable digit (batch,) for each image."""
    return np.argmax(predict(params, inputs), axis=1)


def batches(n: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Numbers of the images of each batch of one epoch."""
    order = rng.permutation(n)
    return (order[i : i + BATCH] for i in range(0, n, BATCH))


def compare(gradient: list[Any], by_hand: list[Any]) -> tuple[float, float]:
    """Largest element of the gradient, and largest difference of any element."""
    pairs = [pair for layers in zip(gradient, by_hand, strict=True) for pair in zip(*layers, strict=True)]
    return max(np.max(np.abs(b)) for _, b in pairs), max(np.max(np.abs(a - b)) for a, b in pairs)


@dataclass(frozen=True)
class Training:
    """Trained parameters; by epoch the fractions read right of training and test images; by step what `compare` says."""

    params: list[Any]
    read: np.ndarray
    compared: np.ndarray


def train(epochs: int, images: np.ndarray, labels: np.ndarray) -> Training:
    """Train on the first images by gradient descent with momentum, and test on the others."""
    rng = np.random.default_rng(1)
    params = initial(SIZES, rng)
    speeds = [(np.zeros_like(W), np.zeros_like(b)) for W, b in params]
    read, compared = [], []
    for epoch in range(epochs):
        losses = []
        for batch in batches(TRAINING, rng):
            loss, gradient = value_and_grad(loss_fun)(params, images[batch], labels[batch])
            compared.append(compare(gradient, grad_by_hand(params, images[batch], labels[batch])))
            losses.append(loss)
            for layer, layer_speeds, bars in zip(params, speeds, gradient, strict=True):
                for x, speed, x_bar in zip(layer, layer_speeds, bars, strict=True):
                    speed *= MOMENTUM
                    speed -= RATE * x_bar
                    x += speed
        right = read_as(params, images) == labels
        read.append((np.mean(right[:TRAINING]), np.mean(right[TRAINING:])))
        if epoch % 10 == 9 or epoch == epochs - 1:
            print(f"{epoch + 1:5}{np.mean(losses):10.5f}{read[-1][0]:12.1%}{read[-1][1]:10.1%}")
    return Training(params, np.array(read), np.array(compared))


def milliseconds(f: Callable[..., Any], *args: Any) -> float:
    """Least time of ten runs."""
    times = []
    for _ in range(10):
        begin = time.perf_counter()
        f(*args)
        times.append(time.perf_counter() - begin)
    return 1e3 * min(times)


def draw(training: Training, images: np.ndarray, labels: np.ndarray, path: Path) -> None:
    """Save a picture of the learning curve, of the two gradients, and of test images that are read wrong."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("the picture needs matplotlib: install dualnum with the extra 'plot'") from error
    figure = Figure(figsize=(10, 3.8), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[3, 1])
    curve, gradients = left.subplots(1, 2)
    for values, label in zip(100 * training.read.T, ["training images", "test images"], strict=True):
        curve.plot(range(1, len(values) + 1), values, label=label)
    curve.set(
        title=f"{training.read[-1, 1]:.1%} of the test images are read right", xlabel="epoch", ylabel="read right (%)"
    )
    curve.grid(alpha=0.3)
    curve.legend(loc="lower right")
    sizes, differences = training.compared.T
    gradients.semilogy(sizes, linewidth=0.5, label="the gradient")
    gradients.semilogy(differences, linewidth=0.5, color="tab:red", label="by the tape minus by hand")
    gradients.set(title="Two gradients at each step", xlabel="step", ylabel="largest element", ylim=(1e-19, 10))
    gradients.grid(alpha=0.3)
    gradients.legend(loc="center")
    answers = read_as(training.params, images[TRAINING:])
    wrong = np.flatnonzero(answers != labels[TRAINING:])
    right.suptitle("Test images read wrong", fontsize="large")
    for ax, i in zip(right.subplots(3, 3).flat, wrong, strict=False):
        ax.imshow(images[TRAINING + i].reshape(8, 8), cmap="gray_r")
        ax.set_title(f"{labels[TRAINING + i]} as {answers[i]}", fontsize="small")
    for ax in right.axes:
        ax.set_axis_off()
    figure.savefig(path)


def main() -> None:
    """Train, compare, time and draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=40, help="how often each image is shown")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"), help="the picture to save")
    options = parser.parse_args()
    images, labels = load()
    print("epoch      loss  read right: training      test")
    training = train(options.epochs, images, labels)
    steps, largest = len(training.compared), np.max(training.compared[:, 1])
    print(f"Largest difference between the gradients by the tape and by hand, in {steps} steps: {largest:.1e}")
    batch = training.params, images[:TRAINING], labels[:TRAINING]
    times = [milliseconds(f, *batch) for f in (loss_fun, grad_by_hand, grad(loss_fun))]
    print("Of all training images: loss {:.1f} ms, gradient by hand {:.1f} ms, by the tape {:.1f} ms".format(*times))
    draw(training, images, labels, options.output)
    print(f"Picture: {options.output}")


if __name__ == "__main__":
    main()
