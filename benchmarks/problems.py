"""The problems: NumPy functions as a user writes them, and their Jacobians as a careful user writes them by hand.

The functions know nothing of derivatives. They reach NumPy by the global name ``np`` alone, so that `peers` can give
the same source to libraries that bring an array module of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["PROBLEMS", "Problem"]

Array = np.ndarray


@dataclass(frozen=True, eq=False, kw_only=True)
class Problem:
    """A function, a point, and its derivative by hand.

    ``by_hand(*primals, *data)`` gives value and Jacobian; for a scalar function of a tree of arrays, the only primal,
    value and gradient, a tree of the same structure. With ``tangents``, one direction is wanted instead of the
    Jacobian, and ``by_hand(*primals, *tangents)`` gives value and derivative along it. ``statement`` is the body of the
    function where calling it would cost as much as what it does; its names are a and b. ``bar`` is the ratio that
    dualnum promises to stay under. ``large`` marks what is hopeless with one graph node per scalar, ``unrolled`` what
    is hopeless to compile with one per operation.
    """

    name: str
    function: Callable[..., Any]
    by_hand: Callable[..., tuple[Any, Any]]
    primals: tuple[Any, ...]
    tangents: tuple[Array, ...] = ()
    data: tuple[Any, ...] = ()
    statement: str | None = None
    bar: float | None = None
    large: bool = False
    unrolled: bool = False

    @property
    def outputs(self) -> tuple[int, ...]:
        """Shape of the result."""
        return np.shape(self.function(*self.primals, *self.data))


# --- scalar functions: the gradient -----------------------------------------------------------------------------------


def rosenbrock(x: Array) -> Any:
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_by_hand(x: Array) -> tuple[Any, Array]:
    head = x[:-1]
    gap, rest = x[1:] - head**2, 1 - head
    gradient = np.zeros_like(x)
    gradient[:-1] = -400 * gap * head - 2 * rest
    gradient[1:] += 200 * gap
    return np.sum(100 * gap**2 + rest**2), gradient


# --- a few states, unpacked: residuals and right-hand sides of differential equations ---------------------------------


def powell(x: Array) -> Array:
    x1, x2, x3, x4 = x
    return np.array([x1 + 10 * x2, 5**0.5 * (x3 - x4), (x2 - 2 * x3) ** 2, 10**0.5 * (x1 - x4) ** 2])


def powell_by_hand(x: Array) -> tuple[Array, Array]:
    x1, x2, x3, x4 = x
    r3, r4 = x2 - 2 * x3, x1 - x4
    value = np.array([x1 + 10 * x2, 5**0.5 * (x3 - x4), r3**2, 10**0.5 * r4**2])
    d3, d4 = 2 * r3, 2 * 10**0.5 * r4
    return value, np.array([[1, 10, 0, 0], [0, 0, 5**0.5, -(5**0.5)], [0, d3, -2 * d3, 0], [d4, 0, 0, -d4]])


def robertson(y: Array) -> Array:
    y1, y2, y3 = y
    return np.array([-0.04 * y1 + 1e4 * y2 * y3, 0.04 * y1 - 1e4 * y2 * y3 - 3e7 * y2**2, 3e7 * y2**2])


def robertson_by_hand(y: Array) -> tuple[Array, Array]:
    y1, y2, y3 = y
    value = np.array([-0.04 * y1 + 1e4 * y2 * y3, 0.04 * y1 - 1e4 * y2 * y3 - 3e7 * y2**2, 3e7 * y2**2])
    d2, d3, d22 = 1e4 * y3, 1e4 * y2, 6e7 * y2
    return value, np.array([[-0.04, d2, d3], [0.04, -d2 - d22, -d3], [0, d22, 0]])


def lotka_volterra(y: Array) -> Array:
    prey, predators = y
    return np.array([1.1 * prey - 0.4 * prey * predators, 0.1 * prey * predators - 0.4 * predators])


def lotka_volterra_by_hand(y: Array) -> tuple[Array, Array]:
    prey, predators = y
    value = np.array([1.1 * prey - 0.4 * prey * predators, 0.1 * prey * predators - 0.4 * predators])
    return value, np.array([[1.1 - 0.4 * predators, -0.4 * prey], [0.1 * predators, 0.1 * prey - 0.4]])


# --- many states, vectorised ------------------------------------------------------------------------------------------


def brusselator(y: Array) -> Array:
    n = len(y) // 2
    u, v = y[:n], y[n:]
    u_padded = np.concatenate([[1.0], u, [1.0]])
    v_padded = np.concatenate([[3.0], v, [3.0]])
    u_xx = (n + 1) ** 2 * (u_padded[2:] - 2 * u + u_padded[:-2])
    v_xx = (n + 1) ** 2 * (v_padded[2:] - 2 * v + v_padded[:-2])
    reaction = u**2 * v
    return np.concatenate([1 + reaction - 4 * u + 0.02 * u_xx, 3 * u - reaction + 0.02 * v_xx])


def brusselator_by_hand(y: Array) -> tuple[Array, Array]:
    n = len(y) // 2
    u, v = y[:n], y[n:]
    diffusion, uv, uu = 0.02 * (n + 1) ** 2, 2 * u * v, u**2
    jacobian = np.zeros((2 * n, 2 * n))
    i, j = np.arange(n), np.arange(n, 2 * n)
    jacobian[i, i] = uv - 4 - 2 * diffusion
    jacobian[i, j] = uu
    jacobian[j, i] = 3 - uv
    jacobian[j, j] = -uu - 2 * diffusion
    for k in i, j:
        jacobian[k[1:], k[:-1]] = jacobian[k[:-1], k[1:]] = diffusion
    return brusselator(y), jacobian


def residuals(p: Array, t: Array, measured: Array) -> Array:
    height, rate, frequency, offset = p
    return height * np.exp(-rate * t) * np.cos(frequency * t) + offset - measured


def residuals_by_hand(p: Array, t: Array, measured: Array) -> tuple[Array, Array]:
    height, rate, frequency, offset = p
    decay, phase = np.exp(-rate * t), frequency * t
    wave = decay * np.cos(phase)
    jacobian = np.empty((len(t), 4))
    jacobian[:, 0] = wave
    jacobian[:, 1] = -height * t * wave
    jacobian[:, 2] = -height * t * decay * np.sin(phase)
    jacobian[:, 3] = 1
    return height * wave + offset - measured, jacobian


def tanh_layers(x: Array, *weights: Array) -> Array:
    for w in weights:
        x = np.tanh(w @ x)
    return x


def tanh_layers_by_hand(x: Array, *weights: Array) -> tuple[Array, Array]:
    jacobian = None
    for w in weights:
        x = np.tanh(w @ x)
        jacobian = (1 - x**2)[:, None] * (w if jacobian is None else w @ jacobian)
    return x, jacobian


# --- one direction ----------------------------------------------------------------------------------------------------


def ten_ufuncs(x: Array) -> Array:
    y = np.sin(x)
    y = np.exp(y)
    y = y * x
    y = np.sqrt(y)
    y = np.tanh(y)
    y = y + x
    y = np.log1p(y)
    y = np.arctan(y)
    y = y / x
    return np.cos(y)


def ten_ufuncs_by_hand(x: Array, x_dot: Array) -> tuple[Array, Array]:
    # in place wherever an array is not needed any more: on a million elements, fresh memory costs more than arithmetic
    y, y_dot, slope = np.sin(x), np.cos(x), np.empty_like(x)
    np.exp(y, out=y)
    y_dot *= x
    y_dot += 1
    y_dot *= y
    y *= x
    np.sqrt(y, out=y)
    y_dot /= y
    y_dot *= 0.5
    np.tanh(y, out=y)
    np.square(y, out=slope)
    np.subtract(1, slope, out=slope)
    y_dot *= slope
    y_dot += 1
    y += x
    np.add(1, y, out=slope)
    y_dot /= slope
    np.log1p(y, out=y)
    np.square(y, out=slope)
    slope += 1
    y_dot /= slope
    np.arctan(y, out=y)
    y /= x
    y_dot -= y
    y_dot /= x
    y_dot *= np.sin(y, out=slope)
    y_dot *= x_dot
    return np.cos(y, out=y), np.negative(y_dot, out=y_dot)


def multiply(a: Array, b: Array) -> Array:
    return a * b


def multiply_by_hand(a: Array, b: Array, a_dot: Array, b_dot: Array) -> tuple[Array, Array]:
    return a * b, a_dot * b + a * b_dot


def add(a: Array, b: Array) -> Array:
    return a + b


def add_by_hand(a: Array, b: Array, a_dot: Array, b_dot: Array) -> tuple[Array, Array]:
    return a + b, a_dot + b_dot


def exp(a: Array) -> Array:
    return np.exp(a)


def exp_by_hand(a: Array, a_dot: Array) -> tuple[Array, Array]:
    value = np.exp(a)
    return value, value * a_dot


# --- the list ---------------------------------------------------------------------------------------------------------


def _problems() -> list[Problem]:
    rng = np.random.default_rng(20240)

    def positive(n: int) -> Array:
        return rng.uniform(0.2, 1.8, n)

    problems = [
        Problem(
            name=f"Rosenbrock n={n}",
            function=rosenbrock,
            by_hand=rosenbrock_by_hand,
            primals=(positive(n),),
            bar={100: 20.0}.get(n),
        )
        for n in (2, 10, 100, 1000)
    ]
    problems += [
        Problem(name=name, function=function, by_hand=by_hand, primals=(np.array(point),), bar=10.0)
        for name, function, by_hand, point in (
            ("Powell singular", powell, powell_by_hand, [3.0, -1.0, 0.0, 1.0]),
            ("Robertson", robertson, robertson_by_hand, [0.9, 2e-5, 0.1]),
            ("Lotka-Volterra", lotka_volterra, lotka_volterra_by_hand, [10.0, 5.0]),
        )
    ]
    problems += [
        Problem(
            name=f"Brusselator N={n}",
            function=brusselator,
            by_hand=brusselator_by_hand,
            primals=(np.concatenate([positive(n), 2 + positive(n)]),),
            bar=bar,
        )
        for n, bar in ((50, 10.0), (500, 200.0))
    ]
    t = np.linspace(0.0, 4.0, 200)
    problems.append(
        Problem(
            name="curve fit m=200 n=4",
            function=residuals,
            by_hand=residuals_by_hand,
            primals=(np.array([2.1, 0.6, 3.2, 0.4]),),
            data=(t, 2 * np.exp(-0.5 * t) * np.cos(3 * t) + 0.5 + 0.01 * rng.standard_normal(200)),
        )
    )
    problems.append(
        Problem(
            name="tanh layers 300x300",
            function=tanh_layers,
            by_hand=tanh_layers_by_hand,
            primals=(rng.standard_normal(300),),
            data=tuple(rng.standard_normal((4, 300, 300)) / 300**0.5),
            large=True,
        )
    )
    problems += [
        Problem(
            name=f"ten ufuncs n={n}",
            function=ten_ufuncs,
            by_hand=ten_ufuncs_by_hand,
            primals=(positive(n),),
            tangents=(rng.standard_normal(n),),
            bar=bar,
            large=n > 1000,
        )
        for n, bar in ((1000, 3.0), (1_000_000, 1.6))
    ]
    for function, by_hand, statement, arity in (
        (multiply, multiply_by_hand, "a * b", 2),
        (add, add_by_hand, "a + b", 2),
        (exp, exp_by_hand, "np.exp(a)", 1),
    ):
        problems += [
            Problem(
                name=f"{statement} n={n}",
                function=function,
                by_hand=by_hand,
                primals=tuple(positive(n) for _ in range(arity)),
                tangents=tuple(rng.standard_normal(n) for _ in range(arity)),
                statement=statement,
                bar=8.0 if (statement, n) == ("a * b", 10) else None,
            )
            for n in (1, 10, 1000)
        ]
    return problems


PROBLEMS = _problems()
