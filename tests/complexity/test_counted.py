"""Counted numbers stand for plain arrays: the same values, nothing that slips by uncounted, no memory left behind."""

import gc

import numpy as np
import pytest

from dualnum import DerivativeLostError, jvp, primal, vjp
from dualnum.complexity.counted import Counted, Meter
from dualnum.dispatch import primal_all
from dualnum.inputs import as_input, copied, flatten, unflatten
from dualnum.levels import enter_transform, leave_transform
from dualnum.trees import tree_leaves, tree_map
from tests.samples import samples_by_module

SAMPLES = samples_by_module()


@pytest.fixture
def meter():
    level, token = enter_transform()
    yield Meter(level)
    leave_transform(token)


def prepared(sample, take):
    """Arguments as the counter makes them, with `take` for the arrays that are differentiated."""
    args = copied(sample.args, ())
    for i in sample.active:
        leaves, treedef = flatten(args[i])
        args[i] = unflatten(treedef, [take(as_input(leaf, "")) for leaf in leaves])
    return args


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("module", SAMPLES)
def test_values_are_numpys(module, meter):
    found = None
    for sample in SAMPLES[module][::2]:
        expected = sample.function(*prepared(sample, lambda x: x), **sample.kwargs)
        found = tree_map(primal_all, sample.function(*prepared(sample, meter.take), **sample.kwargs), none_is_leaf=True)
        for a, b in zip(tree_leaves(found), tree_leaves(expected), strict=True):
            np.testing.assert_array_equal(a, b, str(sample))
            assert np.asarray(a).dtype == np.asarray(b).dtype, sample
    del found
    gc.collect()  # NumPy's multi_dot leaves a cycle
    assert meter.alive == 0
    assert meter.peak > 0 or not SAMPLES[module]  # where NumPy is too old for them


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("module", SAMPLES)
def test_derivatives_are_counted(module, meter):
    """What does not come out counted was computed by operations that nobody saw."""
    for sample in SAMPLES[module][::3]:
        if any(
            isinstance(leaf, (type, np.dtype, str))
            for leaf in tree_leaves(sample.function(*sample.args, **sample.kwargs))
        ):
            continue  # np.result_type and the like have no derivative
        args = prepared(sample, meter.take)
        places = dict.fromkeys(sample.active)

        def of_active(*primals, sample=sample, args=args, places=places):
            given = dict(zip(places, primals, strict=True))
            return sample.function(*(given.get(i, arg) for i, arg in enumerate(args)), **sample.kwargs)

        primals = [args[i] for i in places]
        ones = tree_map(lambda x: meter.take(np.ones(x.shape, x.dtype)), tuple(primals))
        y, y_dot = jvp(of_active, primals, ones)
        y, pullback = vjp(of_active, *primals)
        bars = tree_map(lambda x: meter.take(np.ones(np.shape(x), x.dtype)) if isinstance(x, Counted) else x, y)
        for leaf in tree_leaves((y_dot, pullback(bars))):
            assert isinstance(leaf, Counted) or not np.any(leaf), sample


def test_what_a_plain_number_could_do(meter):
    x = meter.take(np.arange(4.0))
    assert primal(x) is x and len(x) == 4 and [float(primal_all(item)) for item in x] == [0.0, 1.0, 2.0, 3.0]
    assert repr(x[1]).startswith("Counted(") and (x > 1.0).tolist() == [False, False, True, True]
    y = x[1:]
    y -= 1.0  # a view
    assert primal_all(x).tolist() == [0.0, 0.0, 1.0, 2.0]
    np.add.at(x, [0, 0], 5.0)
    assert primal_all(x)[0] == 10.0 and meter.operations["numpy.add.at"] == 2
    with pytest.raises(TypeError, match="0-d"):
        iter(meter.take(np.array(1.0)))
    with pytest.raises(DerivativeLostError):
        float(x[0])
