"""A tape and its picture: the mean squared error of a small neural network, differentiated by reverse mode.

The script records the network on a tape, prints the list of its instructions with the memory that each holds for the
backward pass, traverses the tape back, compares the gradient with that of `dualnum.grad`, and saves the graph of the tape:
nodes are variables, edges run from arguments to results. Run it with::

    python examples/tape.py [--output PATH]
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

import dualnum

SIZES = [784, 512, 512, 10]
BATCH = 128


def predict(params: list[Any], inputs: Any) -> Any:
    """Outputs (batch, 10) of the network for inputs (batch, 784); a pair of weights and biases for each layer."""
    for weights, biases in params:
        outputs = np.dot(inputs, weights) + biases
        inputs = np.tanh(outputs)
    return outputs


def loss_fun(params: list[Any], inputs: Any, targets: Any) -> Any:
    """Mean squared error."""
    return np.mean((predict(params, inputs) - targets) ** 2)


def main() -> None:
    """Record, print, traverse back, compare and draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"), help="the picture to save")
    output = parser.parse_args().output

    rng = np.random.default_rng(0)
    params = [(rng.normal(scale=m**-0.5, size=(m, n)), np.zeros(n)) for m, n in pairwise(SIZES)]
    inputs, targets = rng.normal(size=(BATCH, SIZES[0])), rng.normal(size=(BATCH, SIZES[-1]))

    with dualnum.Tape() as tape:
        variables = [
            (tape.variable(weights, name=f"W{i}"), tape.variable(biases, name=f"b{i}"))
            for i, (weights, biases) in enumerate(params, 1)
        ]
        loss = loss_fun(variables, inputs, targets)
    print(tape)
    tape.plot(output)

    tape.backward(loss)
    gradient = dualnum.grad(loss_fun)(params, inputs, targets)
    for layer, bars in zip(variables, gradient, strict=True):
        for variable, bar in zip(layer, bars, strict=True):
            np.testing.assert_allclose(variable.adjoint, bar, rtol=1e-10, atol=1e-14)
    print(f"\nThe loss is {float(loss.value):.6f}, and the adjoints of all variables are the gradient by dualnum.grad.")
    print(f"Picture: {output}")


if __name__ == "__main__":
    main()
