"""The cost of a chain's Jacobian: formulas, the products themselves, and all orders of them."""

from itertools import pairwise

import numpy as np
import pytest

from dualnum import InputError, ShapeError, jacobian
from dualnum.complexity import accumulate, chain_cost


class Counting:
    """A number that knows how many multiplications there have been of its kind."""

    total = 0

    def __init__(self, value):
        self.value = value

    def __add__(self, other):
        return Counting(self.value + other.value)

    def __mul__(self, other):
        Counting.total += 1
        return Counting(self.value * other.value)


def random_dims(rng, longest, widest):
    return rng.integers(1, widest + 1, size=rng.integers(2, longest + 2)).tolist()


def random_chain(rng, dims):
    return [rng.integers(-2, 3, size=(m, n)).astype(float) for n, m in pairwise(dims)]


def all_orders(i, j):
    """All bracketings of the Jacobians i to j."""
    if i == j:
        yield i
    for k in range(i, j):
        for right in all_orders(i, k):
            for left in all_orders(k + 1, j):
                yield left, right


def as_stated(dims):
    """The sums of the textbook, written out."""
    t = len(dims) - 1
    forward = dims[0] * sum(dims[k] * dims[k + 1] for k in range(1, t))
    reverse = dims[t] * sum(dims[k] * dims[k + 1] for k in range(0, t - 1))
    return forward, reverse


@pytest.mark.parametrize("seed", range(12))
def test_what_is_counted_is_the_formula(seed):
    rng = np.random.default_rng(seed)
    dims = random_dims(rng, 12, 400)
    cost, chain = chain_cost(dims), random_chain(rng, dims)
    found = {order: accumulate(chain, order) for order in ("forward", "reverse", "best")}
    counts = {order: one.multiplications for order, one in found.items()}
    assert counts == {"forward": cost.forward, "reverse": cost.reverse, "best": cost.best}
    assert (cost.forward, cost.reverse) == as_stated(dims)
    assert cost.best <= min(cost.forward, cost.reverse)
    assert accumulate(chain, cost.bracketing).multiplications == cost.best
    product = np.linalg.multi_dot(chain[::-1]) if len(chain) > 1 else chain[0]
    for one in found.values():
        np.testing.assert_allclose(one.jacobian, product, rtol=1e-10, atol=1e-10 * np.max(np.abs(product)))


@pytest.mark.parametrize("order", ["forward", "reverse", "best"])
def test_so_many_numbers_are_really_multiplied(order):
    chain = [
        np.vectorize(Counting, otypes=[object])(matrix)
        for matrix in random_chain(np.random.default_rng(0), [5, 3, 4, 2, 6])
    ]
    Counting.total = 0
    assert accumulate(chain, order).multiplications == Counting.total > 0


@pytest.mark.parametrize("seed", range(8))
def test_the_best_order_is_the_best_of_all(seed):
    rng = np.random.default_rng(seed)
    dims = rng.integers(1, 30, size=seed % 8 + 2).tolist()
    chain = random_chain(rng, dims)
    counts = [accumulate(chain, order).multiplications for order in all_orders(1, len(chain))]
    assert len(counts) == [1, 1, 2, 5, 14, 42, 132, 429][len(chain) - 1]
    assert chain_cost(dims).best == min(counts)


def test_a_bottleneck_is_best_taken_from_both_sides():
    cost = chain_cost([100, 100, 1, 100, 100])
    assert cost.bracketing == ((4, 3), (2, 1))
    assert cost.best == 100**2 + 100**2 + 100**2
    assert cost.forward == cost.reverse == 100 * (100 + 100 + 100**2)


def test_it_prints_as_a_table():
    assert str(chain_cost(np.array([2, 3, 1]))).splitlines() == [
        "2 -> 3 -> 1",
        "forward  6 multiplications  from the right",
        "reverse  6 multiplications  from the left",
        "best     6 multiplications  J2 J1",
    ]
    assert chain_cost([7, 4]).best == 0 and chain_cost([7, 4]).bracketing == 1


def test_numbers_do_not_overflow():
    assert chain_cost([10**9] * 4).forward == 2 * 10**27


def test_long_chains():
    assert accumulate([np.eye(2)] * 3000, "reverse").multiplications == 8 * 2999


def test_jacobians_may_depend_on_something():
    def f(x):
        return accumulate([x * np.eye(2), np.ones((1, 2)), [[x[0]]]]).jacobian

    x = np.array([3.0, 5.0])
    np.testing.assert_array_equal(f(x), [[9.0, 15.0]])
    np.testing.assert_array_equal(jacobian(f)(x), [[[6.0, 0.0], [5.0, 3.0]]])


@pytest.mark.parametrize("dims", [[], [3], [3, -1]])
def test_chains_need_two_dimensions(dims):
    with pytest.raises(ShapeError, match="two dimensions"):
        chain_cost(dims)


@pytest.mark.parametrize("chain", [[], [np.ones(3)], [np.ones((2, 3)), np.ones((2, 3))]])
def test_shapes_must_fit(chain):
    with pytest.raises(ShapeError, match="shapes"):
        accumulate(chain)


@pytest.mark.parametrize("order", ["sideways", 1, (1, 2), (3, (2, 1)), (2, 1, 0), ((2, 1), None)])
def test_orders_that_are_none(order):
    with pytest.raises(InputError, match=r"\[2, 1\] from left to right"):
        accumulate([np.eye(2), np.eye(2)], order)
