"""Mathieu functions, by their Fourier coefficients."""

from __future__ import annotations

from typing import Any

from mpmath import mp, mpf
from scipy import special

from benchmarks.special_reference.case import Case, integers, signed, uniform
from benchmarks.special_reference.tridiagonal import eigenpair

_SIZE = 40


def _matrix(even: bool, m: Any, q: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """Multiples of x in the Fourier series, and the entries of the matrix."""
    odd = int(m) % 2
    first = odd if even else 2 - odd
    multiples = [mpf(2 * k + first) for k in range(_SIZE)]
    diagonal = [n * n for n in multiples]
    if odd:
        diagonal[0] += q if even else -q
    beside = [mpf(q)] * (_SIZE - 1)
    if even and not odd:
        beside[0] *= mp.sqrt(2)
    return multiples, diagonal, beside


def _value_slope(even: bool) -> Any:
    def slope(m: Any, q: Any) -> Any:
        near = (special.mathieu_a if even else special.mathieu_b)(int(m), float(q))
        vector = eigenpair(*_matrix(even, m, q)[1:], near)[1]
        none = _matrix(even, m, 0)[1]
        _, with_q, beside = _matrix(even, m, 1)
        total = sum((d - d0) * v * v for d, d0, v in zip(with_q, none, vector, strict=True))
        return total + 2 * sum(b * v * w for b, v, w in zip(beside, vector, vector[1:], strict=False))

    return slope


def _in_degrees(even: bool) -> Any:
    def slopes(m: Any, q: Any, x: Any) -> Any:
        near = (special.mathieu_a if even else special.mathieu_b)(int(m), float(q))
        multiples, diagonal, beside = _matrix(even, m, q)
        _, vector = eigenpair(diagonal, beside, near)
        if even and int(m) % 2 == 0:
            vector[0] /= mp.sqrt(2)
        at_zero = sum(v if even else n * v for n, v in zip(multiples, vector, strict=True))
        unit = mp.pi / 180
        wave = (lambda t: -mp.sin(t)) if even else mp.cos
        curve = mp.cos if even else mp.sin
        first = sum(n * v * wave(n * unit * x) for n, v in zip(multiples, vector, strict=True))
        second = sum(-n * n * v * curve(n * unit * x) for n, v in zip(multiples, vector, strict=True))
        return mp.sign(at_zero) * unit * first, mp.sign(at_zero) * unit * second

    return slopes


def _size(m: Any, q: Any, x: Any) -> Any:
    """How large the derivatives are around."""
    return (m + mp.sqrt(abs(q)) + 1) * mp.pi / 180


CASES = [
    *(
        Case(f, None, (integers(0 if even else 1, 8), q), (1,), {1: _value_slope(even)})
        for f, even in ((special.mathieu_a, True), (special.mathieu_b, False))
        for q in (uniform(-30.0, 30.0), signed(1e-6, 1.0))
    ),
    *(
        Case(
            f,
            None,
            (integers(1, 10), uniform(-30.0, 30.0), uniform(0.0, 360.0)),
            (2,),
            {2: _in_degrees(even)},
            scale=_size,
        )
        for f, even in ((special.mathieu_cem, True), (special.mathieu_sem, False))
    ),
]
