"""Every row of the table by terms, against blocks of directions."""

from dataclasses import replace

import numpy as np
import pytest

from dualnum import (
    primal,
)
from dualnum.table import TABLE
from tests.row_checks import arguments, call, leaves, tree_map
from tests.samples import Sample
from tests.sparse_checks import assert_agree
from tests.test_rows import SAMPLES

pytestmark = pytest.mark.usefixtures("few_are_enough")


def of_vector(sample):
    """A sample as a function of one vector, that of its active arguments; mixed, so that there are several terms."""
    args = arguments(sample)
    parts = [x for i in sample.active for x in leaves(args[i])]
    ends = np.cumsum([0, *[np.size(x) for x in parts]])
    z = np.concatenate([np.real(np.ravel(x)).astype(float) for x in parts])

    def function(z):
        z = z + 0.25 * (np.roll(z, 1) - primal(np.roll(z, 1)))
        pieces = iter([z[a:b].reshape(np.shape(x)) for a, b, x in zip(ends, ends[1:], parts, strict=False)])
        given = [
            tree_map(lambda x: next(pieces)[()].astype(x.dtype), arg) if i in sample.active else arg
            for i, arg in enumerate(args)
        ]
        result = call(sample, given)
        return [y for y in leaves(result) if getattr(y, "dtype", np.dtype(object)).kind in "fc"]

    return function, z


def check_row(sample):
    """A few terms are allowed, and any number."""
    function, z = of_vector(sample)
    assert_agree(function, z, allow_none=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dualnum.directions._FEW", 10**6)
        assert_agree(function, z, allow_none=True)


@pytest.mark.parametrize("sample", [pytest.param(sample, id=label) for label, sample in SAMPLES])
def test_row(sample):
    check_row(sample)


@pytest.mark.parametrize(("function", "flag"), [(np.cumsum, "moves"), (np.sort, "pointwise")])
def test_rows_can_be_found_wrong(function, flag, monkeypatch):
    monkeypatch.setitem(TABLE, function, replace(TABLE[function], **{flag: True}))
    with pytest.raises(AssertionError):
        check_row(Sample(function, (np.array([3.0, 1.0]),)))
