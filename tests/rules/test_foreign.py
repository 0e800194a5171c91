"""Functions that work on other things than numbers say so."""

import numpy as np
import pytest
from numpy.lib import recfunctions

from dualnum import Dual, NoRuleError

X = Dual([1.0, 2.0], [1.0, 0.0])


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: np.char.equal(X, "a"), "numpy.char.equal .*strings"),
        (lambda: np.datetime_as_string(X), "numpy.datetime_as_string .*dates"),
        (lambda: np.is_busday(X), "numpy.is_busday .*dates"),
        (lambda: recfunctions.unstructured_to_structured(X), "unstructured_to_structured .*structured arrays"),
        (lambda: np.save("x.npy", X), "numpy.save .*x.value and x.tangent"),
        (lambda: np.savetxt("x.txt", X), "numpy.savetxt .*x.value and x.tangent"),
        (lambda: np.savez("x.npz", x=X), "numpy.savez .*x.value and x.tangent"),
    ],
)
def test_reason_is_given(call, reason, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoRuleError, match=reason):
        call()
    assert not list(tmp_path.iterdir())


def test_bits_of_truth_values():
    assert np.array_equal(np.packbits(X > 1.5), [64])
    with pytest.raises(TypeError, match="integer or boolean"):
        np.packbits(X)
