"""What an operation costs: the model by which operations are counted, and by which the mode of a Jacobian is chosen.

One operation for each element of an elementwise function, whatever it is (a product, an exponential, a selection), and for
each element that a reduction or scan reads; 2 m n k for the product of an m x k and a k x n matrix; the leading terms of the
textbooks for the rest. Moving data (copies, indexing, transposition, joining) and comparisons count nothing; logarithms of
lengths are rounded up, so that all numbers are integers and the same everywhere.

Factorisations: Golub & Van Loan, Matrix Computations, 4th ed. (2013), sections 3.2 (LU), 4.2 (Cholesky), 5.2 (QR), 7.5
(eigenvalues), 8.3 (symmetric eigenvalues), 8.6 (SVD). Fast Fourier transform: Van Loan, Computational Frameworks for the
FFT (1992), section 1.4.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from dualnum.table import Constant, Linear, Row

__all__ = ["PRODUCTS", "directional", "operations"]

#: Function, or name of one that only the rules know -> cost of a call, by ``(args, kwargs, out)``; of arrays only the shapes
#: are looked at.
_COSTS: dict[Any, Callable[[Any, Any, Any], int]] = {}


def operations(row: Row, args: Any, kwargs: dict[str, Any], out: Any) -> int:
    """Scalar operations that a function of the table takes.

    Parameters
    ----------
    row : Row
        Row of the function.
    args, kwargs
        Its arguments; anything that has a shape may stand for an array.
    out
        Its result, or a tuple or list of several.

    Returns
    -------
    int
        By its own formula where it has one; else none if it moves data alone or compares, one for each element otherwise.
    """
    cost = _COSTS.get(row.function) or _COSTS.get(getattr(row.function, "__name__", None))
    if cost is not None:
        return cost(args, kwargs, out)
    if isinstance(row, Linear):
        return 0
    parts = out if isinstance(out, (tuple, list)) else (out,)
    written = max((np.size(part) for part in parts), default=0)
    if isinstance(row, Constant):
        counts = isinstance(row.function, np.ufunc) and all(part.dtype.kind in "fc" for part in parts)
        return written if counts else 0
    return max(written, *map(_size, args))


#: The functions whose operations are matrix products, at least where several directions are taken together.
PRODUCTS = {
    *(np.matmul, np.linalg.matmul, np.dot, np.inner, np.tensordot, np.linalg.tensordot, np.einsum),
    *(np.linalg.solve, np.linalg.inv, np.linalg.det, np.linalg.slogdet, np.linalg.cholesky, np.linalg.qr),
    *(np.linalg.eigh, np.linalg.eigvalsh, np.linalg.eig, np.linalg.eigvals, np.linalg.svd, np.linalg.svdvals),
    *(np.linalg.pinv, np.linalg.lstsq),
}


# Of these, a direction is only moved.
_ORDERS = {np.sort, np.partition, np.median, np.nanmedian, np.unique}


def directional(row: Row, args: Any, kwargs: dict[str, Any], out: Any) -> int:
    """Scalar operations for one direction, or one row, through a function of the table and one of its arguments.

    A linear function costs as much as itself. That of a factorisation takes about two products of such matrices; once there
    is the inverse, a determinant takes a sum, and a system of equations two products with the right-hand sides.
    """
    if row.function in _ORDERS:
        return 0
    if isinstance(row, Linear) or row.function not in PRODUCTS:
        return operations(row, args, kwargs, out)
    count, m, n = _stack(args[0])
    if row.function in (np.linalg.det, np.linalg.slogdet):
        return 2 * count * n * n
    if row.function is np.linalg.solve:
        return 4 * n * np.size(out)
    return 4 * count * m * n * n


def _size(x: Any) -> int:
    shape = getattr(x, "shape", ())
    return math.prod(shape) if shape.__class__ is tuple else 1  # of a scalar's class, it is something else


def _log2(n: int) -> int:
    """Logarithm, rounded up."""
    return max(n - 1, 0).bit_length()


def _argument(args: Any, kwargs: dict[str, Any], position: int, name: str, default: Any) -> Any:
    return args[position] if len(args) > position else kwargs.get(name, default)


def _costing(*functions: Any) -> Callable[[Callable[[Any, Any, Any], int]], Callable[[Any, Any, Any], int]]:
    def register(cost: Callable[[Any, Any, Any], int]) -> Callable[[Any, Any, Any], int]:
        _COSTS.update(dict.fromkeys(functions, cost))
        return cost

    return register


# One for each element, or none


@_costing(np.astype, np.real_if_close, np.linspace)
def _nothing(args: Any, kwargs: Any, out: Any) -> int:
    return 0


@_costing(np.sum, np.mean, np.prod, np.cumsum, np.cumprod, np.trace, np.linalg.trace)
def _read(args: Any, kwargs: Any, out: Any) -> int:
    return _size(args[0])


@_costing(np.conjugate)
def _conjugate(args: Any, kwargs: Any, out: Any) -> int:
    return np.size(out) if np.iscomplexobj(out) else 0  # of real numbers it is a copy


@_costing(np.outer, np.linalg.outer, np.kron)
def _written(args: Any, kwargs: Any, out: Any) -> int:
    return np.size(out)


@_costing("var", "std", "nanvar", "nanstd")
def _moment(args: Any, kwargs: Any, out: Any) -> int:
    return 4 * _size(args[0])  # the mean, differences, squares, their sum


@_costing(np.cross, np.linalg.cross)
def _cross(args: Any, kwargs: Any, out: Any) -> int:
    return 3 * np.size(out)


@_costing(np.linalg.norm, np.linalg.vector_norm, np.linalg.matrix_norm)
def _norm(args: Any, kwargs: Any, out: Any) -> int:
    spectral = _argument(args, kwargs, 1, "ord", None) in (2, -2, "nuc") and len(np.shape(args[0])) > 1
    return _singular_values(args, kwargs, out) if spectral else 2 * _size(args[0])


# Products


@_costing(np.matmul, np.linalg.matmul, np.dot, np.inner, getattr(np, "matvec", None))
def _product(args: Any, kwargs: Any, out: Any) -> int:
    a, b = np.shape(args[0]), np.shape(args[1])
    return 2 * np.size(out) * a[-1] if a and b else np.size(out)


@_costing("matrix_product")
def _sparse_product(args: Any, kwargs: Any, out: Any) -> int:
    matrix, x = args
    return 2 * matrix.nnz * math.prod(np.shape(x)[1:])


@_costing(getattr(np, "vecmat", None))  # NumPy 2.2
def _from_the_left(args: Any, kwargs: Any, out: Any) -> int:
    return 2 * np.size(out) * np.shape(args[0])[-1]


@_costing(np.vecdot, np.linalg.vecdot, np.vdot)
def _pairs(args: Any, kwargs: Any, out: Any) -> int:
    return 2 * max(_size(args[0]), _size(args[1]))


@_costing(np.tensordot, np.linalg.tensordot)
def _contraction(args: Any, kwargs: Any, out: Any) -> int:
    # The sizes are (free of a) x summed and summed x (free of b), that of the result the product of the free ones.
    return 2 * math.isqrt(_size(args[0]) * _size(args[1]) * np.size(out))


@_costing(np.einsum)
def _einsum(args: Any, kwargs: Any, out: Any) -> int:
    """Of two operands as a product; of more as if they were multiplied pair by pair without any reordering."""
    if not isinstance(args[0], str):
        args = _as_subscripts(args)
    text, *operands = args
    inputs = text.replace(" ", "").split("->")[0].split(",")
    lengths: dict[str, int] = {}
    broadcast: tuple[int, ...] = ()
    for labels, operand in zip(inputs, operands, strict=True):
        shape = np.shape(operand)
        before, dots, after = labels.partition("...")
        lengths |= zip(before, shape, strict=False)
        lengths |= zip(after, shape[len(shape) - len(after) :], strict=True)
        if dots:
            broadcast = np.broadcast_shapes(broadcast, shape[len(before) : len(shape) - len(after)])
    volume = math.prod(lengths.values()) * math.prod(broadcast)
    return volume * (len(operands) - 1 + (volume > np.size(out)))


def _as_subscripts(args: Any) -> list[Any]:
    """Arguments with the subscripts as a string, in place of lists of numbers after each operand."""
    count = len(args) // 2
    lists = args[1 : 2 * count : 2]
    letters = ["".join("..." if i is Ellipsis else chr(ord("A") + i) for i in numbers) for numbers in lists]
    return [",".join(letters), *args[0 : 2 * count : 2]]


@_costing(np.convolve, np.correlate)
def _convolution(args: Any, kwargs: Any, out: Any) -> int:
    return 2 * _size(args[0]) * _size(args[1])


@_costing("convolving.full", "convolving.valid")
def _convolution_of_axes(args: Any, kwargs: Any, out: Any) -> int:
    a, b, ndim, fft = np.shape(args[0]), np.shape(args[1]), args[2], _argument(args, kwargs, 3, "fft", False)
    axes = slice(-ndim, None)
    if fft:  # three transforms
        n = max(math.prod(a), math.prod(b), np.size(out))
        return 15 * n * _log2(math.prod(max(a, b, np.shape(out), key=math.prod)[axes]))
    lead = np.shape(out)[: np.ndim(out) - ndim]
    whole = sorted(math.prod(shape[axes]) for shape in (a, b, np.shape(out)))
    return 2 * math.prod(lead) * whole[0] * whole[1]


@_costing("convolving.allpole")
def _recursion(args: Any, kwargs: Any, out: Any) -> int:
    return 2 * np.shape(args[0])[-1] * np.size(out)


@_costing("splines.coefficients")
def _two_recursions(args: Any, kwargs: Any, out: Any) -> int:
    return 4 * (args[1] // 2) * np.size(out)  # one for each pole, forth and back


# Factorisations: of a stack of matrices, for each of them


def _stack(a: Any) -> tuple[int, int, int]:
    """How many matrices, with the longer and the shorter of their sides."""
    *lead, m, n = np.shape(a)
    return math.prod(lead), max(m, n), min(m, n)


@_costing(np.linalg.det, np.linalg.slogdet)
def _lu(args: Any, kwargs: Any, out: Any) -> int:
    count, n, _ = _stack(args[0])
    return count * (2 * n**3 // 3)


@_costing(np.linalg.solve)
def _solve(args: Any, kwargs: Any, out: Any) -> int:
    return _lu(args, kwargs, out) + 2 * np.shape(args[0])[-1] * np.size(out)


@_costing(np.linalg.inv)
def _inverse(args: Any, kwargs: Any, out: Any) -> int:
    count, n, _ = _stack(args[0])
    return count * 2 * n**3


@_costing(np.linalg.cholesky)
def _cholesky(args: Any, kwargs: Any, out: Any) -> int:
    count, n, _ = _stack(args[0])
    return count * (n**3 // 3)


@_costing(np.linalg.qr)
def _qr(args: Any, kwargs: Any, out: Any) -> int:
    count, m, n = _stack(args[0])
    mode = _argument(args, kwargs, 1, "mode", "reduced")
    triangle = 2 * m * n * n - 2 * n**3 // 3
    orthogonal = {"r": 0, "raw": 0, "complete": 4 * (m * m * n - m * n * n + n**3 // 3)}
    return count * (triangle + orthogonal.get(mode, triangle))


@_costing(np.linalg.eigh)
def _symmetric(args: Any, kwargs: Any, out: Any) -> int:
    count, n, _ = _stack(args[0])
    return count * 9 * n**3


@_costing(np.linalg.eigvalsh)
def _symmetric_values(args: Any, kwargs: Any, out: Any) -> int:
    count, n, _ = _stack(args[0])
    return count * (4 * n**3 // 3)


@_costing(np.linalg.eig)
def _eigen(args: Any, kwargs: Any, out: Any) -> int:
    count, n, _ = _stack(args[0])
    return count * 25 * n**3


@_costing(np.linalg.eigvals, np.poly)
def _eigenvalues(args: Any, kwargs: Any, out: Any) -> int:
    if len(np.shape(args[0])) < 2:
        return _size(args[0]) ** 2  # np.poly of roots
    count, n, _ = _stack(args[0])
    return count * 10 * n**3


@_costing(np.linalg.svdvals, np.linalg.matrix_rank)
def _singular_values(args: Any, kwargs: Any, out: Any) -> int:
    count, m, n = _stack(args[0]) if len(np.shape(args[0])) > 1 else (1, _size(args[0]), 1)
    return count * (4 * m * n * n - 4 * n**3 // 3)


@_costing(np.linalg.svd)
def _svd(args: Any, kwargs: Any, out: Any) -> int:
    count, m, n = _stack(args[0])
    if not _argument(args, kwargs, 2, "compute_uv", True):
        return _singular_values(args, kwargs, out)
    full = _argument(args, kwargs, 1, "full_matrices", True)
    return count * (4 * m * m * n + 8 * m * n * n + 9 * n**3 if full else 14 * m * n * n + 8 * n**3)


@_costing(np.linalg.pinv, np.linalg.lstsq)
def _pseudoinverse(args: Any, kwargs: Any, out: Any) -> int:
    count, m, n = _stack(args[0])
    columns = m if len(args) < 2 or not np.ndim(args[1]) else _size(args[1]) // np.shape(args[1])[0]
    return count * (14 * m * n * n + 8 * n**3 + 2 * m * n * columns)


# Orders


@_costing(np.sort, np.argsort)
def _sort(args: Any, kwargs: Any, out: Any) -> int:
    axis = _argument(args, kwargs, 1, "axis", -1)
    size = _size(args[0])
    return size * _log2(size if axis is None or not np.shape(args[0]) else np.shape(args[0])[axis])


@_costing(np.lexsort, np.unique, np.unique_all, np.unique_counts, np.unique_inverse, np.unique_values)
def _sort_all(args: Any, kwargs: Any, out: Any) -> int:
    return _size(args[0]) * _log2(_size(args[0]))


@_costing(np.searchsorted)
def _search(args: Any, kwargs: Any, out: Any) -> int:
    return np.size(out) * _log2(np.size(args[0]))


@_costing(np.digitize)
def _bins(args: Any, kwargs: Any, out: Any) -> int:
    return np.size(out) * _log2(np.size(args[1]))


# Fourier transforms: 5 N log2 N along each axis, half of that where one side is real


def _fourier(name: str, axes: Any) -> None:
    factor = 5 if name.strip("in2") == "fft" else 2.5

    def cost(args: Any, kwargs: Any, out: Any) -> int:
        chosen = _argument(args, kwargs, 2, "axis" if axes == -1 else "axes", axes)
        shape = max(np.shape(args[0]), np.shape(out), key=math.prod)
        chosen = range(len(shape)) if chosen is None else np.atleast_1d(chosen).tolist()
        return int(factor * math.prod(shape) * sum(_log2(shape[axis]) for axis in chosen))

    _COSTS[getattr(np.fft, name)] = _COSTS[f"scipy.fft.{name}"] = cost


for _name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
    _fourier(_name, -1)
for _name in ("fft2", "ifft2", "rfft2", "irfft2"):
    _fourier(_name, (-2, -1))
for _name in ("fftn", "ifftn", "rfftn", "irfftn"):
    _fourier(_name, None)
