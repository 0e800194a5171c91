"""The attributes and methods that Duals have in common with arrays, and the array-API namespace."""

import itertools

import numpy as np
import pytest

from dualnum import DerivativeLostError, Dual, MutationError
from dualnum.packing import as_operand
from tests.core_checks import DIRECTIONS, assert_same, dual

ATTRIBUTES = ["shape", "ndim", "size", "dtype", "itemsize", "nbytes", "T", "mT", "real", "imag", "flags", "device"]


@pytest.mark.parametrize("name", ATTRIBUTES)
@pytest.mark.parametrize("dtype", [float, np.float32, complex])
def test_attributes(name, dtype):
    for shape, k in itertools.product([(2, 3), (2, 1, 3)], DIRECTIONS):
        x = dual(shape, k, dtype)
        mine, theirs = getattr(x, name), getattr(x.value, name)
        if name in ("T", "mT", "real", "imag"):
            assert_same(mine, theirs, getattr(x.tangent, name) if name != "T" else moved(x.tangent, k, np.transpose))
        elif name == "flags":
            assert (mine.c_contiguous, mine.writeable) == (theirs.c_contiguous, theirs.writeable)
        else:
            assert mine == theirs


def moved(tangent, k, function):
    return function(tangent) if k is None else np.stack([function(t) for t in tangent])


METHODS = {
    "all": (), "any": (), "argmax": (1,), "argmin": (0,), "argsort": (1,), "clip": (2.5, 3.5), "conj": (), "conjugate": (),
    "copy": ("F",), "cumprod": (1,), "cumsum": (0,), "diagonal": (1,), "dot": (np.arange(3.0),), "flatten": ("F",),
    "max": (0,), "mean": (1,), "min": (), "nonzero": (), "prod": (0,), "ravel": ("F",), "repeat": (2, 1), "reshape": (3, 2),
    "round": (1,), "squeeze": (), "std": (0,), "sum": (1,), "swapaxes": (0, 1), "take": ([0, 2], 1), "trace": (),
    "transpose": (1, 0), "var": (0,), "view": (), "tolist": (), "astype": (np.float32,), "compress": ([True, False, True], 1),
    "item": (1, 2), "choose": None, "put": None, "searchsorted": None, "argpartition": (1,), "to_device": ("cpu",),
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name, args in METHODS.items() if args is not None])
def test_methods(name):
    """As NumPy's, with NumPy's positional arguments."""
    for k in DIRECTIONS:
        x = dual((2, 3), k)
        args = METHODS[name]
        mine, theirs = getattr(x, name)(*args), getattr(x.value, name)(*args)
        if name == "tolist":
            mine, theirs = np.array(mine), np.array(theirs)
        if isinstance(theirs, tuple):
            np.testing.assert_array_equal(mine, theirs)
            continue
        if np.asarray(theirs).dtype.kind in "bi":
            assert type(mine) is type(theirs)
            np.testing.assert_array_equal(mine, theirs)
            continue
        if isinstance(mine, np.ndarray):
            mine = as_operand(mine)
        np.testing.assert_array_equal(mine.value, theirs)
        assert mine.dtype == np.asarray(theirs).dtype

        def shifted(t):
            z = getattr(x.value + 1e-30j * t, name)  # noqa: B023
            return np.imag(z(*args) if name != "astype" else (x.value + 1e-30j * t).astype(np.complex64)) / 1e-30  # noqa: B023

        if name in ("max", "min", "clip", "std", "var", "round", "conj", "conjugate", "astype", "to_device"):
            continue  # no functions of complex numbers; the rows have tests of their own
        for mine_dot, t in zip(
            [mine.tangent] if k is None else mine.tangent, [x.tangent] if k is None else x.tangent, strict=True
        ):
            np.testing.assert_allclose(mine_dot, shifted(t), rtol=1e-12)


def test_every_method_of_ndarray_is_there_or_not_by_decision():
    left_out = {"base", "ctypes", "data"}
    if np.lib.NumpyVersion(np.__version__) < "2.2.0":
        left_out |= {"itemset", "newbyteorder", "ptp", "tostring"}  # there, but only to say that they are gone
    names = {name for name in dir(np.ndarray) if not name.startswith("_")}
    assert {name for name in names if not hasattr(Dual, name) and not hasattr(type(dual()), name)} == left_out
    with pytest.raises(DerivativeLostError):
        dual().strides  # noqa: B018


def test_methods_in_place():
    for k in DIRECTIONS:
        x = Dual([3.0, 1.0, 2.0], np.arange(3.0) if k is None else np.ones((k, 1)) * np.arange(3.0))
        same = x
        x.sort()
        np.testing.assert_array_equal(x.value, [1.0, 2.0, 3.0])
        assert (x.tangent == [1.0, 2.0, 0.0]).all()
        x.fill(x[1])
        assert (x.value == 2).all()
        assert (x.tangent == 2).all()
        x.put([0], [5.0])
        assert x.value[0] == 5
        assert not x.tangent[..., 0].any()
        x.partition(1)
        assert x.value[0] == 2
        assert same is x
    with pytest.raises(MutationError, match="resize"):
        x.resize(2)
    with pytest.raises(MutationError, match="reshape"):
        x.shape = (3, 1)


def test_real_and_imag_can_be_set():
    z = Dual(np.array([1 + 2j, 3 + 4j]), np.array([1j, 1.0]))
    z.real = Dual([5.0, 6.0], [7.0, 8.0])
    assert_same(z, [5 + 2j, 6 + 4j], [7 + 1j, 8 + 0j])
    z.imag = 0
    assert_same(z, [5 + 0j, 6 + 0j], [7 + 0j, 8 + 0j])
    x = Dual([1.0], [1.0])
    x.real = 4.0
    assert_same(x, [4.0], [0.0])
    with pytest.raises(TypeError, match="imaginary"):
        x.imag = 1.0


def test_setflags():
    x = dual()
    view = x[1:]
    x.setflags(write=False)
    with pytest.raises(ValueError, match="read-only"):
        x[0] = 1.0
    x.setflags(write=True)
    x[0] = 1.0
    view[0] = 2.0
    assert_same(x[:2], [1.0, 2.0], [0.0, 0.0])


# The array-API standard


def test_array_namespace():
    x = dual((2, 3))
    xp = x.__array_namespace__()
    assert x.__array_namespace__(api_version="2024.12") is xp
    assert xp.float64 is np.float64
    assert xp.asarray(x) is x
    assert xp.asarray(x, copy=True) is not x
    assert_same(xp.asarray(x, dtype=np.float32), x.value.astype(np.float32), x.tangent.astype(np.float32))
    assert_same(xp.asarray([x[0, 0], 1.0]), [x.value[0, 0], 1.0], [x.tangent[0, 0], 0.0])
    assert type(xp.asarray([1.0, 2.0])) is np.ndarray
    assert xp.asarray([1, 2], dtype=xp.float32).dtype == np.float32
    assert_same(xp.sum(xp.sin(x), axis=0), np.sin(x.value).sum(0), (np.cos(x.value) * x.tangent).sum(0))
    assert_same(xp.permute_dims(x, (1, 0)), x.value.T, x.tangent.T)
    assert "NumPy" in repr(xp)
    assert x.device == "cpu"
    assert x.to_device("cpu") is x
    with pytest.raises(ValueError, match="cpu"):
        x.to_device("gpu")


@pytest.mark.parametrize("args", [(0.5,), (None, 1.0), (0.5, 1.0)])
def test_clip_takes_one_bound_alone(args):
    x = Dual([0.2, 0.7, 1.4], [1.0, 2.0, 3.0])
    out = np.zeros_like(x)
    for y in (x.clip(*args), np.stack([item.clip(*args) for item in x]), x.clip(*args, out=out), out):
        np.testing.assert_array_equal(y.value, x.value.clip(*args))
        np.testing.assert_array_equal(y.tangent, np.where(y.value == x.value, x.tangent, 0.0))
