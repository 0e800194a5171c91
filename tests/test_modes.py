"""The choice between the modes, by counted operations."""

import numpy as np
import pytest

from dualnum import InputError, Variable, choose_mode, jacobian


def tall(x):
    return np.outer(x, x).ravel()


def wide(x):
    return np.stack([np.sum(x**2), np.prod(x)])


def test_counts():
    choice = choose_mode(lambda x: np.sum(x * x), np.ones(100))
    assert (choice.inputs, choice.outputs) == (100, 1)
    assert choice.operations == 2 * 100 + 1  # x * x has two active arguments; the sum has one element
    assert (choice.forward, choice.reverse) == (100 * 201, 2 * 201)
    assert choice.mode == "reverse"
    assert str(choice).startswith("reverse mode: with 100 inputs and 1 outputs")


@pytest.mark.parametrize(
    ("function", "n", "mode"),
    [(wide, 100, "reverse"), (tall, 20, "forward"), (wide, 3, "forward"), (np.sin, 50, "forward")],
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

    choice = choose_mode(f, np.ones(30), np.ones(10), argnums=(0, 1), c=2.0)
    assert (choice.inputs, choice.outputs, choice.mode) == (40, 10, "reverse")
    with pytest.raises(InputError, match="argnums"):
        choose_mode(f, np.ones(3), argnums=2, c=1.0)
