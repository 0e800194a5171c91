"""Functions whose Jacobians go by terms, and the comparison with Jacobians by blocks of directions."""

import numpy as np
from scipy.special import betainc

from dualnum.columns import jacobian_by_terms, jacobian_of
from tests.row_checks import assert_same_bits, leaves

__all__ = ["BY_TERMS", "X", "assert_agree", "brusselator", "by_blocks"]

X = np.linspace(-1.3, 2.1, 24)


def by_blocks(f, x):
    return jacobian_of(f, x.copy("K"), max(1, x.size), False, "f")[:2]


def assert_agree(f, x, allow_none=False):
    """Value and Jacobian by terms are those by blocks of directions; whether there were any by terms."""
    before = x.copy()
    found = jacobian_by_terms(f, x, False, "f")
    assert_same_bits(x, before)
    if found is None and allow_none:
        return False
    assert found is not None
    values, jacobians = by_blocks(f, x)
    for value, block, *expected in zip(*map(leaves, (*found[:2], values, jacobians)), strict=True):
        assert_same_bits(value, expected[0])
        assert block.dtype == expected[1].dtype
        # Of what is not a number, derivatives along directions that it does not depend on may be 0 or nan.
        free = np.isnan(expected[1]) & (block == 0) | np.isnan(value)[(..., *[None] * x.ndim)]
        block, expected = (np.where(free, 0.0, part) for part in (block, expected[1]))
        scale = np.max(np.abs(expected), initial=1.0, where=np.isfinite(expected))
        np.testing.assert_allclose(block, expected, rtol=1e-12, atol=1e-13 * scale)
    return True


def brusselator(y):
    u, v = y[: y.size // 2], y[y.size // 2 :]
    u_padded, v_padded = np.concatenate([[1.0], u, [1.0]]), np.concatenate([[3.0], v, [3.0]])
    reaction = u**2 * v
    u_dot = 1 + reaction - 4 * u + 0.02 * (u_padded[2:] - 2 * u + u_padded[:-2])
    return np.concatenate([u_dot, 3 * u - reaction + 0.02 * (v_padded[2:] - 2 * v + v_padded[:-2])])


def filled(x):
    """As much code fills an array."""
    out = np.empty_like(x)
    out[0], out[-1] = 2 * x[0], x[-2] * x[-1]
    out[1:-1] = x[2:] - 2 * x[1:-1] + x[:-2]
    out += 0.5 * x
    out[3] *= 7.0
    out[4:6] = 1.0
    out[[7, 9]] = x[[8, 8]] ** 2
    out[x > 2.0] = np.sin(x[x > 2.0])
    return out


def filled_by_shape(x):
    out = np.zeros((2, 12), like=x)
    out[1] = x[::2]
    out[:, 1:3] = x[5:7] * x[8]
    return out


def upwind(x):
    flux = np.where(x > 0, x * np.roll(x, 1), np.roll(x, -1))
    return np.where(flux > 1, 1.0, np.maximum(flux, np.abs(x) - 1)) + np.clip(x, -0.5, 0.5)


def limited(x):
    slope = np.diff(x, prepend=0.0)
    ratio = slope[:-1] / (slope[1:] ** 2 + 1e-3)
    return np.sign(ratio) * np.minimum(np.fabs(ratio), 2.0) + np.gradient(x)[1:]


def grid(x):
    u = x.reshape(4, 6)
    padded = np.pad(u, 1)
    inner = padded[1:-1, 2:] + padded[1:-1, :-2] + padded[2:, 1:-1] + padded[:-2, 1:-1] - 4 * u
    return np.exp(-u) * inner + np.tile(u[:1], (4, 1)) + u.T.reshape(4, 6) + np.stack([u[0]] * 4)


def summed(x):
    u = x.reshape(3, 8)
    return [(u**2).sum(axis=0), u.T.mean(axis=1, keepdims=True), u[:2].sum(0) * u[2], np.sum(x[:4])]


def by_matrices(x):
    second = np.diag(np.full(24, -2.0)) + np.diag(np.ones(23), 1) + np.diag(np.ones(23), -1)
    some = np.zeros((5, 6))
    some[0, 5], some[3, 1:3] = 2.0, -1.0
    grid = x.reshape(6, 4)
    return [
        second @ x,
        np.dot(x, second[:, :7]),
        some @ grid,
        grid.T @ some.T,
        some @ x[:6] ** 2,
        np.eye(4, dtype=int) @ x[:4],
    ]


def stepped(x):
    for _ in range(3):
        x = x + 0.1 * (np.roll(x, 1) - 2 * x + np.roll(x, -1)) * x
    return x


def broadcast(x):
    return (
        x[:2, None] * np.ones((2, 3)) + np.outer([1.0, 2.0], [1.0, 0.0, -1.0]) - np.broadcast_to(x[3:6], (2, 3)) / x[:3]
    )


def repeated(x):
    return x[[0, 0, 5, -1, 5]] * x[[0, 1, 5, 2, 4]] + np.repeat(x[:1], 5) - np.take(x, [1, 2, 3, 4, 5])


def reversed_and_split(x):
    a, b = np.split(x[::-1], 2)
    first, *rest = np.array_split(x, 5)
    return [a * b, np.hstack([first, *rest]) + x, x.copy(), 2.0 / x, x % 0.7, x - x]


def updated(x):
    u = x.reshape(4, 6)
    out = -4 * u
    out[1:] += u[:-1]
    out[:, :-1] *= u[:, 1:]
    for row in out:
        row -= u[0]
    padded = np.pad(u, 1)
    padded[0] = padded[2]
    padded[:, -1] = padded[:, -3]
    padded[1:-1, 1:-1] += padded[1:-1, :-2]
    np.multiply(out, 2.0, out=out)
    np.add(out, padded[1:-1, 2:], out)
    return [out, padded, betainc(1.5, 2.0, u**2 / 5)]


BY_TERMS = [
    by_matrices,
    updated, brusselator, filled, filled_by_shape, upwind, limited, grid, summed, stepped, broadcast, repeated, reversed_and_split
]  # fmt: skip
