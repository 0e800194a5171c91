"""The choice between the modes, by counted operations."""

from functools import reduce
from itertools import pairwise

import numpy as np
import pytest

from dualnum import InputError, Variable, choose_mode, jacobian
from dualnum.complexity import count_operations


def tall(x):
    return np.outer(x, x).ravel()


def wide(x):
    return np.stack([np.sum(x**2), np.prod(x)])


def network(x):
    weights = np.linspace(-1, 1, 7 * x.size).reshape(7, x.size)
    return np.tanh(weights @ np.exp(x * x)) * 2.0


def chain(*dims):
    """Product of dense matrices with a vector."""
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=(b, a)) for a, b in pairwise(dims)]
    return lambda x: reduce(lambda y, weight: weight @ y, weights, x)


def test_counts():
    choice = choose_mode(lambda x: np.sum(x * x), np.ones(400))
    assert (choice.inputs, choice.outputs, choice.calls) == (400, 1, 2)
    # The function once; for each direction two products, their sum, and the sum of that.
    assert choice.forward == 2 * 400 + 400 * 4 * 400
    # The way back through the sum takes nothing; then two products and their sum.
    assert choice.reverse == 2 * 400 + 3 * 400
    assert str(choice).startswith(
        "reverse mode: n = 400 directions take 640,800 operations, m = 1 rows 2,000; with the overhead"
    )


@pytest.mark.parametrize(
    ("function", "n", "exact"),
    [
        (network, 20, True),
        (chain(9, 8, 7, 6), 9, True),
        (chain(30, 40, 50), 30, True),
        (wide, 50, False),
        (tall, 20, False),
    ],
)
def test_operations_are_those_that_are_counted(function, n, exact):
    """It knows the graph alone; where the rules are written in other functions, it is right to a factor of two."""
    x = np.linspace(1, 2, n)
    choice = choose_mode(function, x)
    for mode in ("forward", "reverse"):
        estimate, counted = getattr(choice, mode), count_operations(function, x, mode=mode).operations
        # It takes every partial for one operation; that of tanh takes three.
        assert estimate == pytest.approx(counted, rel=0.05 if exact else 1.0)


@pytest.mark.parametrize("n", [20, 40, 60, 80, 100, 120])
def test_the_crossover(n):
    """On both sides of it the mode is taken that takes fewer operations, where arithmetic dominates."""
    m = 70
    function, x = chain(n, 600, 600, m), np.ones(n)
    forward, reverse = (count_operations(function, x, mode=mode).operations for mode in ("forward", "reverse"))
    cheaper = "forward" if forward < reverse else "reverse"
    assert cheaper == ("forward" if n < m else "reverse")
    assert choose_mode(function, x).mode == cheaper


@pytest.mark.parametrize(
    ("function", "n", "mode"),
    [(wide, 1000, "reverse"), (tall, 20, "forward"), (wide, 3, "forward"), (np.sin, 50, "forward")],
)
def test_the_cheaper_one_is_taken(function, n, mode):
    """On both sides of the crossover; for few inputs it is forward mode anyway."""
    kinds = []

    def observed(x):
        kinds.append(type(x))
        return function(x)

    x = np.linspace(1, 2, n)
    assert choose_mode(function, x).mode == mode
    take = jacobian(observed)
    first = take(x)
    kinds.clear()
    np.testing.assert_array_equal(take(x), first)  # what was found out before is remembered
    assert all(issubclass(kind, Variable) == (mode == "reverse") for kind in kinds)
    np.testing.assert_allclose(first, jacobian(function, mode="forward")(x), rtol=1e-14)


def test_several_arguments():
    def f(a, b, *, c):
        return np.sum(a) * b * c

    choice = choose_mode(f, np.ones(3000), np.ones(10), argnums=(0, 1), c=2.0)
    assert (choice.inputs, choice.outputs, choice.mode) == (3010, 10, "reverse")
    with pytest.raises(InputError, match="argnums"):
        choose_mode(f, np.ones(3), argnums=2, c=1.0)
