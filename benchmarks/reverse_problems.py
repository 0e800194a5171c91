"""The problems of reverse mode: scalar functions of trees of parameters, and their gradients by hand.

As in `problems`, the functions know nothing of derivatives. Every one takes a single tree of parameters and then its
data; the gradient has the structure of the parameters. By hand, what the function computes is shared, and memory that is
not needed any more is used again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.special import multigammaln

from benchmarks.problems import PROBLEMS as FORWARD_PROBLEMS
from benchmarks.problems import Array, Problem, ten_ufuncs, ten_ufuncs_by_hand

__all__ = ["HEAT", "PROBLEMS", "STEPS"]

Layers = Sequence[tuple[Array, Array]]

# --- a multilayer perceptron, its scores through softmax into the cross-entropy ---------------------------------------


def perceptron(layers: Layers, inputs: Array, targets: Array) -> Any:
    x = inputs
    for weights, bias in layers[:-1]:
        x = np.tanh(x @ weights + bias)
    weights, bias = layers[-1]
    scores = x @ weights + bias
    scores = scores - np.max(scores, axis=1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(scores), axis=1)) - np.sum(targets * scores, axis=1))


def perceptron_by_hand(layers: Layers, inputs: Array, targets: Array) -> tuple[Any, Layers]:
    activations = [inputs]
    for weights, bias in layers:
        x = activations[-1] @ weights
        x += bias
        activations.append(np.tanh(x, out=x) if len(activations) < len(layers) else x)
    scores = activations.pop()
    scores -= np.max(scores, axis=1, keepdims=True)
    x_bar = np.exp(scores)
    sums = np.sum(x_bar, axis=1, keepdims=True)
    value = np.mean(np.log(sums[:, 0]) - np.sum(targets * scores, axis=1))
    x_bar /= sums
    x_bar -= targets
    x_bar /= len(inputs)
    gradient = []
    for (weights, _), x in zip(reversed(layers), reversed(activations), strict=True):
        gradient.append((x.T @ x_bar, np.sum(x_bar, axis=0)))
        if x is not inputs:
            x_bar = x_bar @ weights.T
            x_bar *= 1 - np.square(x, out=x)
    return value, gradient[::-1]


# --- a chain of elementwise operations --------------------------------------------------------------------------------


def ten_ufuncs_summed(x: Array) -> Any:
    return np.sum(ten_ufuncs(x))


def ten_ufuncs_summed_by_hand(x: Array) -> tuple[Any, Array]:
    # the Jacobian of the chain is diagonal: one forward sweep gives the diagonal, over blocks that stay in the cache
    value, slope = 0.0, np.empty_like(x)
    for start in range(0, len(x), 8192):
        block = slice(start, start + 8192)
        y, slope[block] = ten_ufuncs_by_hand(x[block], 1.0)
        value += np.sum(y)
    return value, slope


# --- the logarithm of the posterior of a Gaussian mixture: GMM of ADBench (Srajer, Kukelova & Fitzgibbon 2018) --------

WISHART_SCALE, WISHART_EXCESS = 0.9, 2


def log_sum_exp(x: Array) -> Any:
    top = np.max(x, axis=0)
    return top + np.log(np.sum(np.exp(x - top), axis=0))


def log_normalisers(n: int, d: int, k: int) -> float:
    """Constants of n Gaussian densities and of k Wishart densities, in d dimensions."""
    freedom = d + WISHART_EXCESS + 1
    wishart = freedom * d * math.log(WISHART_SCALE / math.sqrt(2)) - multigammaln(freedom / 2, d)
    return k * wishart - n * d / 2 * math.log(2 * math.pi)


def gaussian_mixture(parameters: tuple[Array, ...], points: Array, place: Array) -> Any:
    alphas, means, icf = parameters  # inverse covariance factors: logarithms of the diagonal, and what is below it
    (n, d), k = points.shape, len(alphas)
    logs = icf[:, :d]
    entries = np.concatenate([np.exp(logs), icf[:, d:], np.zeros((k, 1))], axis=1)
    factors = entries[:, place]
    scaled = (points - means[:, None]) @ np.swapaxes(factors, 1, 2)
    log_determinants = np.sum(logs, axis=1)
    exponents = (alphas + log_determinants)[:, None] - 0.5 * np.sum(scaled**2, axis=2)
    log_likelihood = np.sum(log_sum_exp(exponents)) - n * log_sum_exp(alphas)
    log_prior = WISHART_EXCESS * np.sum(log_determinants) - 0.5 * WISHART_SCALE**2 * np.sum(entries**2)
    return log_likelihood + log_prior + log_normalisers(n, d, k)


def gaussian_mixture_by_hand(
    parameters: tuple[Array, ...], points: Array, place: Array
) -> tuple[Any, tuple[Array, ...]]:
    alphas, means, icf = parameters
    (n, d), k = points.shape, len(alphas)
    logs = icf[:, :d]
    entries = np.concatenate([np.exp(logs), icf[:, d:], np.zeros((k, 1))], axis=1)
    factors = entries[:, place]
    centered = points - means[:, None]
    scaled = centered @ factors.swapaxes(1, 2)
    log_determinants = np.sum(logs, axis=1)
    exponents = np.einsum("kni,kni->kn", scaled, scaled)
    exponents *= -0.5
    exponents += (alphas + log_determinants)[:, None]
    top = np.max(exponents, axis=0)
    exponents -= top
    shares = np.exp(exponents, out=exponents)
    sums = np.sum(shares, axis=0)
    shares /= sums
    top_alpha = np.max(alphas)
    priors = np.exp(alphas - top_alpha)
    total = np.sum(priors)
    log_likelihood = np.sum(top) + np.sum(np.log(sums)) - n * (top_alpha + np.log(total))
    log_prior = WISHART_EXCESS * np.sum(log_determinants) - 0.5 * WISHART_SCALE**2 * np.sum(entries**2)

    counts = np.sum(shares, axis=1)
    scaled *= shares[:, :, None]
    means_bar = (np.sum(scaled, axis=1)[:, None] @ factors)[:, 0]
    entries_bar = -(WISHART_SCALE**2) * entries
    factors_bar = (scaled.swapaxes(1, 2) @ centered).reshape(k, -1)
    # each entry but the last, which stands for all zeros above the diagonal, has one place
    entries_bar[:, :-1] -= factors_bar[:, np.argsort(place, axis=None)[: icf.shape[1]]]
    icf_bar = entries_bar[:, :-1]
    icf_bar[:, :d] *= entries[:, :d]
    icf_bar[:, :d] += counts[:, None] + WISHART_EXCESS
    return log_likelihood + log_prior + log_normalisers(n, d, k), (counts - n / total * priors, means_bar, icf_bar)


def places_of_entries(d: int) -> Array:
    """For every element of a lower triangular matrix its place in (diagonal, columns below it, 0)."""
    place = np.full((d, d), d * (d + 1) // 2)
    place[np.diag_indices(d)] = np.arange(d)
    columns, rows = np.triu_indices(d, 1)
    place[rows, columns] = np.arange(d, d * (d + 1) // 2)
    return place


# --- a recurrent network of long short-term memories with diagonal weights: LSTM of ADBench ---------------------------


def sigmoid(x: Array) -> Any:
    return 1 / (1 + np.exp(-x))


def memory_cell(weights: Array, biases: Array, hidden: Array, cell: Array, x: Array) -> tuple[Any, Any]:
    keep = sigmoid(x * weights[0] + biases[0])
    admit = sigmoid(hidden * weights[1] + biases[1])
    emit = sigmoid(x * weights[2] + biases[2])
    change = np.tanh(hidden * weights[3] + biases[3])
    cell = cell * keep + admit * change
    return emit * np.tanh(cell), cell


def recurrent(parameters: tuple[Layers, Array], start: Layers, sequence: Array) -> Any:
    layers, (gain, scale, shift) = parameters
    states = list(start)
    (steps, width), total = sequence[1:].shape, 0.0
    for step in range(steps):
        x = sequence[step] * gain
        for i, (weights, biases) in enumerate(layers):
            states[i] = memory_cell(weights, biases, *states[i], x)
            x = states[i][0]
        scores = x * scale + shift
        total = total + np.sum(sequence[step + 1] * (scores - np.log(2 + np.sum(np.exp(scores)))))
    return -total / (steps * width)


def recurrent_by_hand(
    parameters: tuple[Layers, Array], start: Layers, sequence: Array
) -> tuple[Any, tuple[Layers, Array]]:
    layers, (gain, scale, shift) = parameters
    steps, width, depth = len(sequence) - 1, len(gain), len(layers)
    # all steps at once, but for what depends on the step before; gates are keep, admit, emit, change
    sources, gates = np.empty((2, steps, depth, 4, width))
    cells, hiddens, squashed = np.empty((3, steps + 1, depth, width))
    hiddens[0], cells[0] = zip(*start, strict=True)
    sources[:, 0, 0::2] = (sequence[:-1] * gain)[:, None]
    for now in range(steps):
        for i, (weights, biases) in enumerate(layers):
            source, gate = sources[now, i], gates[now, i]
            source[1::2] = hiddens[now, i]
            if i:
                source[0::2] = hiddens[now + 1, i - 1]
            np.multiply(source, weights, out=gate)
            gate += biases
            curves = gate[:3]
            np.exp(np.negative(curves, out=curves), out=curves)
            curves += 1
            np.divide(1, curves, out=curves)
            keep, admit, emit, change = gate
            np.tanh(change, out=change)
            cell = np.multiply(cells[now, i], keep, out=cells[now + 1, i])
            cell += admit * change
            np.multiply(emit, np.tanh(cell, out=squashed[now + 1, i]), out=hiddens[now + 1, i])
    tops, targets = hiddens[1:, -1], sequence[1:]
    scores = tops * scale + shift
    powers = np.exp(scores)
    sums = 2 + np.sum(powers, axis=1, keepdims=True)
    value = -np.sum(targets * (scores - np.log(sums))) / targets.size

    scores_bar = (np.sum(targets, axis=1, keepdims=True) / sums * powers - targets) / targets.size
    tops_bar = scores_bar * scale
    # what a change of each gate's argument does to the cell, or for the third to the hidden state
    slopes = gates * (1 - gates)
    slopes[:, :, 3] = 1 - gates[:, :, 3] ** 2
    slopes[:, :, 0] *= cells[:-1]
    slopes[:, :, 1] *= gates[:, :, 3]
    slopes[:, :, 2] *= squashed[1:]
    slopes[:, :, 3] *= gates[:, :, 1]
    through = gates[:, :, 2] * (1 - squashed[1:] ** 2)
    inputs_bar = np.empty((steps, width))
    hidden_bars, cell_bars = np.zeros((2, depth, width))
    for now in reversed(range(steps)):
        x_bar = tops_bar[now]
        for i in reversed(range(depth)):
            hidden_bar, cell_bar, gates_bar = hidden_bars[i], cell_bars[i], slopes[now, i]
            hidden_bar += x_bar
            cell_bar += hidden_bar * through[now, i]
            gates_bar[:2] *= cell_bar
            gates_bar[2] *= hidden_bar
            gates_bar[3] *= cell_bar
            cell_bar *= gates[now, i, 0]
            sources_bar = gates_bar * layers[i][0]
            x_bar = sources_bar[0] + sources_bar[2]
            np.add(sources_bar[1], sources_bar[3], out=hidden_bar)
        inputs_bar[now] = x_bar
    weights_bar = np.sum(slopes * sources, axis=0)
    biases_bar = np.sum(slopes, axis=0)
    last_bar = np.stack([inputs_bar * sequence[:-1], scores_bar * tops, scores_bar]).sum(axis=1)
    return value, (list(zip(weights_bar, biases_bar, strict=True)), last_bar)


# --- a thousand operations on ten elements: the ratio is that of one operation ----------------------------------------


def thousand_products(x: Array) -> Any:
    y = x
    for _ in range(1000):
        y = y * x
    return np.sum(y)


def thousand_products_by_hand(x: Array) -> tuple[Any, Array]:
    ys = [x]
    for _ in range(1000):
        ys.append(ys[-1] * x)
    y_bar, x_bar = np.ones_like(x), np.zeros_like(x)
    value = np.sum(ys.pop())
    for y in reversed(ys):
        x_bar += y_bar * y
        y_bar *= x
    return value, x_bar + y_bar


def thousand_sines(x: Array) -> Any:
    for _ in range(1000):
        x = np.sin(x)
    return np.sum(x)


def thousand_sines_by_hand(x: Array) -> tuple[Any, Array]:
    slope = np.ones_like(x)
    for _ in range(1000):
        slope *= np.cos(x)
        x = np.sin(x)
    return np.sum(x), slope


# --- explicit time stepping of the heat equation with insulated ends --------------------------------------------------

STEPS = 1000


def heat_step(u: Array) -> Any:
    return u + 0.25 * np.diff(np.diff(u), prepend=0.0, append=0.0)


def nonlinear_heat_step(u: Array) -> Any:
    """Let the conductivity grow with the square of the temperature: the values are needed on the way back."""
    flux = (0.1 + 0.1 * (u[1:] + u[:-1]) ** 2) * np.diff(u)
    return u + np.diff(flux, prepend=0.0, append=0.0)


def repeated(step: Callable[[Any], Any], u: Any) -> Any:
    for _ in range(STEPS):
        u = step(u)
    return u


def heat(u: Array, step: Callable[[Any], Any], march: Callable[..., Any] = repeated) -> Any:
    return np.sum(march(step, u) ** 2)


def heat_by_hand(u: Array, step: Callable[[Any], Any]) -> tuple[Any, Array]:
    if step is heat_step:  # its matrix is symmetric
        last = repeated(step, u)
        return np.sum(last**2), repeated(step, 2 * last)
    states = [u]
    for _ in range(STEPS):
        states.append(step(states[-1]))
    last = states.pop()
    u_bar = 2 * last
    for u in reversed(states):
        flux_bar = -np.diff(u_bar)
        sums = u[1:] + u[:-1]
        from_sums = 0.2 * sums * np.diff(u) * flux_bar
        from_differences = (0.1 + 0.1 * sums**2) * flux_bar
        u_bar[1:] += from_sums + from_differences
        u_bar[:-1] += from_sums - from_differences
    return np.sum(last**2), u_bar


# --- the lists --------------------------------------------------------------------------------------------------------


def _problems() -> list[Problem]:
    rng = np.random.default_rng(20241)
    normal = rng.standard_normal
    sizes = [784, 512, 512, 10]
    layers = [(normal((m, n)) / m**0.5, 0.1 * normal(n)) for m, n in pairwise(sizes)]
    (rosenbrock,) = (problem for problem in FORWARD_PROBLEMS if problem.name == "Rosenbrock n=100")
    d, k, width = 64, 10, 14
    near_one = 1 + 1e-3 * normal(10)
    return [
        Problem(
            name="perceptron 784-512-512-10",
            function=perceptron,
            by_hand=perceptron_by_hand,
            primals=(layers,),
            data=(normal((128, 784)), np.eye(10)[rng.integers(10, size=128)]),
            bar=2.3,
        ),
        *(
            Problem(
                name=f"ten ufuncs n={n}",
                function=ten_ufuncs_summed,
                by_hand=ten_ufuncs_summed_by_hand,
                primals=(rng.uniform(0.2, 1.8, n),),
                bar=bar,
            )
            for n, bar in ((1000, 3.0), (1_000_000, 1.7))
        ),
        Problem(
            name="Gaussian mixture d=64 K=10",
            function=gaussian_mixture,
            by_hand=gaussian_mixture_by_hand,
            primals=((normal(k), 0.1 * normal((k, d)), 0.05 * normal((k, d * (d + 1) // 2))),),
            data=(normal((1000, d)), places_of_entries(d)),
            bar=3.0,
        ),
        Problem(
            name="LSTM 1,024 steps",
            function=recurrent,
            by_hand=recurrent_by_hand,
            primals=(([(normal((4, width)), normal((4, width))) for _ in range(2)], normal((3, width))),),
            data=([(normal(width), normal(width)) for _ in range(2)], rng.uniform(size=(1025, width))),
            bar=7.0,
            unrolled=True,
        ),
        replace(rosenbrock, bar=8.0),
        *(
            Problem(name=f"1,000 times {name} n=10", function=function, by_hand=by_hand, primals=(near_one,), bar=10.0)
            for name, function, by_hand in (
                ("y * x", thousand_products, thousand_products_by_hand),
                ("np.sin(x)", thousand_sines, thousand_sines_by_hand),
            )
        ),
    ]


def _heat_problems() -> list[Problem]:
    u = np.random.default_rng(20242).uniform(size=10_000)
    return [
        Problem(name=name, function=partial(heat, step=step), by_hand=partial(heat_by_hand, step=step), primals=(u,))
        for name, step in (("heat equation", heat_step), ("nonlinear heat equation", nonlinear_heat_step))
    ]


PROBLEMS = _problems()
HEAT = _heat_problems()
