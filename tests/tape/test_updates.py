"""Memory that is overwritten after the tape has recorded what was computed from it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from dualnum import MutationError, Tape, grad, jacfwd, jacrev, jvp, vjp
from dualnum.dispatch import primal_all
from dualnum.table import TABLE, Elementwise
from tests.reverse_checks import kind, may_refuse, random_cotangents
from tests.row_checks import arguments, assert_close, call, copied, leaves, tree_map
from tests.test_rows import SAMPLES


def overwrite(x):
    """Put something else into an array, where that is allowed."""
    values = primal_all(x)
    if isinstance(values, np.ndarray) and values.flags.writeable:
        x[...] = ~x if kind(x) == "b" else 0 if kind(x) in "iu" else 0.25


def few_samples():
    """Two of each function: how a row keeps what it needs does not depend on shapes."""
    taken = Counter()
    for label, sample in SAMPLES:
        name = label.split("-")[-1]
        taken[name] += 1
        # Primitives are called by dualnum itself, with indices that nobody else has; and one plan serves all ufuncs.
        if name in ("primitive", "scatter") or isinstance(TABLE.get(sample.function), Elementwise):
            continue
        if taken[name] <= 2 or name in ("<lambda>", "function"):
            yield pytest.param(sample, id=label)


@pytest.mark.parametrize("sample", list(few_samples()))
def test_arguments_and_results_may_be_overwritten(sample):
    """Nothing that the way back needs is lost, be it in arguments, active or not, or in results."""
    args = arguments(sample)
    inputs = [x for i in sample.active for x in leaves(args[i])]

    def function(then):
        def run(*xs):
            found = iter(xs)
            given = [
                tree_map(lambda _: next(found), arg) if i in sample.active else copied(arg)
                for i, arg in enumerate(args)
            ]
            ys = call(sample, given)
            kept = {i: y.copy() for i, y in enumerate(leaves(ys)) if kind(y) in "fc"}
            tree_map(then, given)
            tree_map(then, ys)
            return kept

        return run

    def check():
        ys, pull = vjp(function(lambda x: None), *copied(inputs))
        _, pull_again = vjp(function(overwrite), *copied(inputs))
        bars = dict(zip(ys, random_cotangents(ys.values()), strict=True))
        with np.errstate(all="ignore"):
            for a, b in zip(pull_again(bars), pull(bars), strict=True):
                assert_close(a, b, 1e-12)  # not 0, for LAPACK's last bits depend on where the arrays lie

    if sample.kwargs.get("writeable"):  # of windows that overlap: an update of one would have to be seen in others
        with pytest.raises(MutationError, match="more than once"):
            check()
    else:
        may_refuse(sample, check)


def test_windows_are_views():
    """Between them and the array stands an object of NumPy's that is no array."""

    def windows(x, w):
        x = 2 * x
        v = sliding_window_view(x, 2)
        y = v**2
        x[2] = w
        return np.sum(y) + np.sum(v**2)

    x_bar, w_bar = grad(windows, (0, 1))(np.array([1.0, 2.0, 3.0]), 5.0)
    assert np.array_equal(x_bar, [16.0, 64.0, 24.0])
    assert w_bar == 10.0


def doubled_before_the_pull(x):
    y, pull = vjp(np.exp, x)
    y *= 2
    return np.sum(pull(np.ones(2))[0])


def constant_doubled_before_the_pull(x):
    x = 1 * x
    _, pull = vjp(lambda v: v * v * x, np.ones(2))
    x *= 2
    return np.sum(pull(np.ones(2))[0])


def constant_doubled_before_the_traversal(x):
    x = 1 * x
    with Tape() as tape:
        v = tape.variable(np.ones(2))
        y = v * v * x
    x *= 2
    tape.backward(y, np.ones(2))
    return np.sum(v.adjoint)


@pytest.mark.parametrize(
    ("function", "derivative"),
    [
        (doubled_before_the_pull, np.exp),
        (constant_doubled_before_the_pull, lambda x: 2 + 0 * x),
        (constant_doubled_before_the_traversal, lambda x: 2 + 0 * x),
    ],
)
def test_what_a_pullback_needs_is_out_of_reach(function, derivative):
    """After a tape has ended, results and constants may be updated, whatever they are differentiated for."""
    x = np.array([0.5, 1.5])
    expected = derivative(x)
    assert np.allclose(grad(function)(x), expected)
    assert np.isclose(jvp(function, (x,), (np.ones(2),))[1], np.sum(expected))


def test_the_auxiliary_result_is_a_copy():
    _, pull, aux = vjp(lambda x: (lambda y: (y, {"y": y}))(np.exp(x)), np.zeros(2), has_aux=True)
    aux["y"] *= 2
    assert np.array_equal(pull(np.ones(2))[0], [1.0, 1.0])


def test_a_view_of_what_was_updated_may_be_the_result():
    """Its node is made when it is asked for."""

    def function(x):
        x = 1 * x
        view = x[1:]
        x *= 2
        return view

    _, pull = vjp(function, np.array([1.0, 2.0]))
    assert np.array_equal(pull(np.ones(1))[0], [0.0, 2.0])


@pytest.mark.parametrize(
    ("update", "derivatives"),
    [
        (lambda x, y: x.__setitem__(..., y * x), (2.0, 3.0)),
        (lambda x, y: x.__setitem__(True, y * x), (2.0, 3.0)),
        (lambda x, y: x.__setitem__(np.False_, y), (1.0, 0.0)),
        (lambda x, y: np.ravel(x).__setitem__(0, y * x), (2.0, 3.0)),
        (lambda x, y: np.ravel(x)[:0].__setitem__(..., y), (1.0, 0.0)),
        (lambda x, y: x[..., None].__setitem__(0, y), (0.0, 1.0)),
    ],
)
def test_updates_of_numbers(update, derivatives):
    def function(x, y):
        x = np.positive(x, out=np.zeros_like(x))
        update(x, y)
        return x

    args = np.array(3.0), np.array(2.0)
    found = grad(function, (0, 1))(*args)
    assert np.array_equal(found, derivatives)
    assert np.array_equal(jacrev(function, (0, 1))(*args), derivatives)
    slopes = grad(lambda x, y: sum(grad(function, (0, 1))(x, y)), (0, 1))(*args)
    assert np.array_equal(slopes, [float(derivatives == (2.0, 3.0))] * 2)


@pytest.mark.parametrize("index", [..., [0, 1, 2]])
def test_one_row_of_what_has_more_axes_than_its_place(index):
    """Of an array with an axis of length 1 in front, the cotangent has the shape that K = 1 rows would have without it."""

    def function(x):
        y = np.zeros_like(x[0])
        y[index] = np.flip(x, 1)
        return y

    _, pull = vjp(function, np.array([[1.0, 2.0, 3.0]]))
    assert np.array_equal(pull(np.array([[1.0, 2.0, 3.0]]))[0], [[[3.0, 2.0, 1.0]]])


@pytest.mark.parametrize("same", [np.squeeze, np.real_if_close, lambda x: np.nan_to_num(x, copy=False)])
def test_functions_that_may_give_the_array_itself(same):
    def function(x):
        x = 1 * x
        y = same(x)
        y[0] *= 3
        x[1] *= 5
        return x + 10 * y

    assert np.array_equal(grad(lambda x: np.sum(function(x)))(np.ones(3)), [33.0, 55.0, 11.0])


def spectrum_damped(x):
    y = np.fft.fft(x).real
    y *= x
    y[0] = x[1]
    return np.sum(y**2)


def parts_of_complex_numbers(x):
    z = x * (1 + 2j)
    re, im, last = z.real, z.imag, z[1:].imag
    re *= x  # seen by z
    z *= 1 + x  # seen by the parts
    last += z[:-1].real * x[:-1]  # seen by z and by im
    z.imag[0] = x[0] ** 2
    re[...] = re[::-1] * 1.5
    return np.sum(np.abs(z) ** 2) + np.sum(re * im) + np.sum(last)


def part_of_a_complex_number(x):
    z = np.sum(x, keepdims=True)[0] * np.array(1j)
    z = np.add(z, x[0], out=np.zeros_like(z, shape=()))
    z.imag[...] *= x[1]
    return np.abs(z) ** 2


@pytest.mark.parametrize("function", [spectrum_damped, parts_of_complex_numbers, part_of_a_complex_number])
def test_real_and_imaginary_parts_are_views(function):
    x = np.array([0.5, -1.5, 2.0])
    found = jvp(function, (x,), (np.eye(3),))[1]
    assert np.allclose(grad(function)(x), found, rtol=1e-14)
    assert np.allclose(jacrev(lambda x: function(x) * np.ones(2))(x), found, rtol=1e-14)
    second = jacfwd(grad(function))(x)
    assert np.allclose(jacrev(grad(function))(x), second, rtol=1e-13)
    assert np.allclose(jacfwd(jacfwd(function))(x), second, rtol=1e-13)
