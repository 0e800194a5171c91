"""Counted operations, against numbers derived by hand."""

import json
from itertools import pairwise

import numpy as np
import pytest
import scipy.special

from dualnum import InputError, ShapeError, checkpoint, custom_jvp, grad, jacobian
from dualnum.complexity import chain_cost, count_operations

N = 12
X = np.linspace(0.5, 1.5, N)
RNG = np.random.default_rng(6)
MATRIX = RNG.normal(size=(N, N)) + N * np.eye(N)


def matrix(x):
    return MATRIX + np.diag(x)


@pytest.mark.parametrize(
    ("f", "operations"),
    [
        (lambda x: np.exp(x) * x + 1.0, 3 * N),
        (lambda x: np.reshape(x, (3, 4)).T[::-1] > 0.0, 0),  # moving data, and comparing
        (lambda x: x.astype(np.float32), 0),
        (lambda x: np.sum(np.where(x > 1.0, x, 2.0)), 2 * N),
        (lambda x: x @ x, 2 * N),
        (lambda x: MATRIX @ x, 2 * N**2),
        (lambda x: MATRIX[:5] @ (MATRIX * x), N**2 + 2 * 5 * N**2),
        (lambda x: np.tensordot(MATRIX * x, MATRIX, 1), N**2 + 2 * N**3),
        (lambda x: np.einsum("ij,j->i", MATRIX, x), 2 * N**2),
        (lambda x: np.einsum("i,ij,j->", x, MATRIX, x), 3 * N**2),
        (lambda x: np.einsum("i,j->ij", x, x), N**2),
        (lambda x: np.einsum(x, [0], x, [1], [0, 1]), N**2),
        (lambda x: np.einsum("...i,i->...", MATRIX, x), 2 * N**2),
        (lambda x: np.convolve(x, x[:3]), 2 * 3 * N),
        (lambda x: np.linalg.solve(matrix(x), x), N**2 + 2 * N**3 // 3 + 2 * N**2),
        (lambda x: np.linalg.inv(matrix(x)), N**2 + 2 * N**3),
        (lambda x: np.linalg.det(matrix(x)), N**2 + 2 * N**3 // 3),
        (lambda x: np.linalg.cholesky(matrix(x) @ MATRIX.T), N**2 + 2 * N**3 + N**3 // 3),
        (lambda x: np.linalg.qr(matrix(x), "r"), N**2 + 2 * N**3 - 2 * N**3 // 3),
        (lambda x: np.linalg.qr(matrix(x)), N**2 + 2 * (2 * N**3 - 2 * N**3 // 3)),
        (lambda x: np.linalg.eigh(matrix(x)), N**2 + 9 * N**3),
        (lambda x: np.linalg.svd(matrix(x), full_matrices=False), N**2 + 22 * N**3),
        (lambda x: np.linalg.svd(matrix(x), compute_uv=False), N**2 + 4 * N**3 - 4 * N**3 // 3),
        (lambda x: np.linalg.norm(x), 2 * N),
        (lambda x: np.var(x), 4 * N),
        (lambda x: np.sort(x), N * 4),
        (lambda x: np.searchsorted(x, x[:2]), 2 * 4),
        (lambda x: np.fft.fft(x), 5 * N * 4),
        (lambda x: np.fft.rfft(x), 5 * N * 4 // 2),
        (lambda x: np.fft.fft2(x.reshape(4, 3)), 5 * N * (2 + 2)),
        (lambda x: scipy.special.gammaln(x), N),
    ],
)
def test_function(f, operations):
    counted = count_operations(f, X)
    assert counted.operations == operations
    assert counted.bound is None and (counted.ratio == 1.0 or not operations)


def test_forward_by_hand():
    """exp(x) * x: the partials exp(x), x, and exp(x) as the tangent of exp; two products and a sum for the product rule."""
    counted = count_operations(lambda x: np.exp(x) * x, X, mode="forward")
    products = N + (1 + 2) * N * N  # the value; the tangents of exp and of the product
    assert counted.primitives["numpy.exp"].operations == N
    assert counted.primitives["numpy.multiply"].operations == products
    assert counted.primitives["numpy.add"].operations == N * N
    assert counted.operations == N + products + N * N
    one = count_operations(lambda x: np.exp(x) * x, X, mode="jvp")
    assert (one.operations, one.bound) == (6 * N, 2.5)
    assert one.ratio == 3.0


def test_gradient_by_hand():
    """sum(exp(x) * x): the sum is broadcast back for nothing, the product has two products, exp one, and x two cotangents."""
    counted = count_operations(lambda x: np.sum(np.exp(x) * x), X, mode="gradient")
    assert counted.primitives["numpy.multiply"].operations == N + 2 * N + N
    assert counted.primitives["numpy.add"].operations == N
    assert counted.operations == (1 + 1 + 1) * N + 3 * N + N
    assert counted.ratio == pytest.approx(7 / 3) and counted.bound == 4.0


@pytest.mark.parametrize("dims", [(7, 5, 3, 2), (2, 3, 5, 7), (6, 1, 6), (4, 9, 4, 9, 4)])
@pytest.mark.parametrize("chunk", [None, 2])
def test_chain_of_products(dims, chunk):
    """The formulas count multiplications of explicit Jacobians; see the terms that a program has beside them."""
    weights = [RNG.normal(size=(b, a)) for a, b in pairwise(dims)]

    def chain(x):
        for weight in weights:
            x = weight @ x
        return x

    x = np.ones(dims[0])
    value = 2 * sum(a * b for a, b in pairwise(dims))  # a product and a sum for each element of a Jacobian
    assert count_operations(chain, x).operations == value
    cost = chain_cost(dims)
    # Forward mode begins with the identity and multiplies by the first Jacobian too; the function runs once for each chunk.
    blocks = 1 if chunk is None else -(-dims[0] // chunk)
    first = 2 * dims[0] * dims[0] * dims[1]
    forward = count_operations(chain, x, mode="forward", chunk=chunk).operations
    assert forward == 2 * cost.forward + first + blocks * value
    # Reverse mode begins with the identity and the last one; the function runs once.
    last = 2 * dims[-1] * dims[-1] * dims[-2]
    assert count_operations(chain, x, mode="reverse", chunk=chunk).operations == 2 * cost.reverse + last + value


def test_memory_of_a_loop():
    """Forward mode needs no more for more steps; reverse mode keeps each of them."""

    def loop(steps):
        def f(x):
            for _ in range(steps):
                x = np.sin(x)
            return np.sum(x)

        return f

    def peaks(mode):
        return [count_operations(loop(steps), X, mode=mode).peak_bytes for steps in (10, 20, 40)]

    assert peaks("function")[0] == peaks("function")[2]
    assert peaks("jvp")[0] == peaks("jvp")[2]
    short, middle, long = peaks("gradient")
    assert long - middle == 2 * (middle - short) == 20 * X.nbytes


def test_memory_does_not_depend_on_the_collector():
    """It comes at any time, so what hangs in cycles counts as alive."""

    def f(x):
        for _ in range(2000):
            cycle = [x * 2.0]
            cycle.append(cycle)
        return x

    assert count_operations(f, X).peak_bytes == 2001 * X.nbytes


def test_columns_are_written_once():
    """Each chunk goes into the place that was made for it, as of plain arrays."""
    counted = count_operations(np.sin, X, mode="forward", chunk=1)
    assert counted.primitives["setitem"].bytes_written == N * X.nbytes
    assert "numpy.concatenate" not in counted.primitives


def test_bytes():
    """The result is written; views are not; all that is alive at once is the argument and two arrays."""
    counted = count_operations(lambda x: np.exp(-x[::2]), X)
    assert counted.bytes_written == 2 * X.nbytes // 2
    assert counted.peak_bytes == X.nbytes + 2 * X.nbytes // 2
    assert count_operations(lambda x: np.broadcast_to(x, (100, N)), X).bytes_written == 0


def updates(x):
    y = np.zeros_like(x)
    y[1:] = 2.0 * x[:-1]
    y += x
    y[::2] *= x[::2]
    return y


def test_updates():
    counted = count_operations(updates, X)
    assert counted.operations == (N - 1) + N + N // 2
    assert counted.primitives["numpy.add"].bytes_written == X.nbytes  # where it lies


def test_elements_cost_elements():
    """The cotangent of an element is added where it belongs, without an array of zeros for each."""

    def rosenbrock(x):
        return sum(100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2 for i in range(len(x) - 1))

    costs = [count_operations(rosenbrock, np.ones(n), mode="gradient") for n in (10, 20, 40)]
    assert costs[2].operations - costs[1].operations == 2 * (costs[1].operations - costs[0].operations)
    assert costs[2].bytes_written - costs[1].bytes_written == 2 * (costs[1].bytes_written - costs[0].bytes_written)
    assert costs[2].ratio < costs[2].bound


@pytest.mark.filterwarnings("ignore::dualnum.ObjectArrayWarning")
def test_nothing_is_lost_in_plain_containers():
    """np.array makes an object array of numbers; what is computed from it counts too."""
    counted = count_operations(lambda x: np.exp(np.array([x[0] * x[1], x[2]])), X)
    assert counted.operations == 1 + 2
    counted = count_operations(lambda x: np.exp(np.array([x[0] * x[1], x[2]])), X, mode="jvp")
    assert counted.primitives["numpy.multiply"].operations == 1 + 2 + 2


MODES = ("function", "jvp", "vjp", "forward", "reverse")


@custom_jvp
def cube(x):
    return x**3


@cube.defjvp
def _(primals, tangents):
    return primals[0] ** 3, 3 * primals[0] ** 2 * tangents[0]


@pytest.mark.parametrize(
    "f",
    [
        updates,
        cube,
        checkpoint(lambda x: np.sin(x) * x),
        lambda x: {"a": x, "b": [np.max(x), np.median(x)]},
        lambda x: x[np.array([0, 0, 3])] * x[[1, 2, 3]],
        lambda x: np.linalg.svd(matrix(x))[0],
        lambda x: np.abs(np.fft.fft(x)) ** 2,
        grad(lambda x: np.sum(x**3)),
        lambda x: np.interp(x, np.arange(4.0), np.arange(4.0) ** 2),
        lambda x: np.clip(x, 0.6, None),
    ],
)
def test_everything_is_counted_and_again_the_same(f):
    for mode in MODES:
        one, other = (count_operations(f, X, mode=mode) for _ in range(2))
        assert one.to_json() == other.to_json()
        assert one.calls > 0 and one.peak_bytes >= X.nbytes


def test_several_arguments():
    def f(a, b, *, c, name):
        return np.sum(a["x"] * b) + c @ c if name else None

    args = {"x": np.ones(3)}, [1.0, 2.0, 3.0]
    options = {"c": np.ones(5), "name": "a"}
    counted = count_operations(f, *args, argnums=(0, 1), mode="gradient", **options)
    assert counted.function.operations == 3 + 3 + 10 + 1
    assert counted.operations == 17 + 2 * 3  # two products for the way back
    assert count_operations(f, *args, mode="gradient", **options).operations == 17 + 3


def test_the_caller_and_the_result_stay_what_they_are():
    seen = []

    def f(x):
        x *= 2.0
        seen.append(x)
        return x

    x = X.copy()
    count_operations(f, x, mode="forward")
    np.testing.assert_array_equal(x, X)
    assert seen and jacobian(f)(x)[0, 0] == 2.0


def test_report():
    counted = count_operations(lambda x: np.sum(x * x), X, mode="gradient")
    lines = str(counted).splitlines()
    assert lines[0] == "gradient of <lambda>"
    assert lines[-1] == "2.50 times the 24 operations of the function (Griewank & Walther's bound: 4)"
    assert json.loads(json.dumps(counted.to_json()))["primitives"]["numpy.sum"]["calls"] == 1
    free = count_operations(lambda x: x.T, X, mode="jvp")
    assert np.isnan(free.ratio) and free.to_json()["ratio"] == "nan"


def test_errors():
    with pytest.raises(InputError, match="'forward'"):
        count_operations(np.sin, X, mode="backward")
    with pytest.raises(ShapeError, match="gradient"):
        count_operations(np.sin, X, mode="gradient")
    with pytest.raises(InputError, match="argnums"):
        count_operations(np.sin, X, argnums=1)
