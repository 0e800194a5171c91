"""Rows of ufuncs: completeness, dtypes, kinks, complex arguments, higher orders (accuracy: tests/test_accuracy.py)."""

import numpy as np
import pytest
from mpmath import mp, mpc, mpf
from numpy.testing.overrides import get_overridable_numpy_ufuncs

import dualnum
from benchmarks.accuracy_reference import CASES, table_partial
from dualnum import Dual, jvp
from dualnum.table import TABLE, Constant, Elementwise, Row, Unsupported
from tests.core_checks import UFUNCS
from tests.samples.elementwise import CLIP, PLANE, SAMPLES

INF, NAN = np.inf, np.nan
PARTIALS = [(name, i) for name, case in CASES.items() for i, formula in enumerate(case.partials) if formula is not None]


def all_ufuncs():
    # in one order, so that tests run in parallel are the same everywhere
    return sorted(get_overridable_numpy_ufuncs(), key=lambda f: f.__name__)


def number_ufuncs():
    return [f for f in all_ufuncs() if any(set(t) & set("?bdDm") for t in f.types)]


# --- completeness -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ufunc", number_ufuncs(), ids=lambda f: f.__name__)
def test_every_numeric_ufunc_has_a_row(ufunc):
    assert isinstance(TABLE[ufunc], Row)
    assert not isinstance(TABLE[ufunc], Unsupported)


@pytest.mark.parametrize("ufunc", [f for f in all_ufuncs() if f not in number_ufuncs()], ids=lambda f: f.__name__)
def test_every_other_ufunc_has_a_reason(ufunc):
    assert "strings" in TABLE[ufunc].reason or ufunc.__name__ in ("real", "imag")  # from NumPy 2.5 on


def test_partials_are_as_many_as_arguments():
    rows = [row for f, row in TABLE.items() if isinstance(f, np.ufunc) and isinstance(row, Elementwise)]
    assert [row.name for row in rows if len(row.partials) != row.function.nin or row.function.nout != 1] == []


def test_every_ufunc_with_a_derivative_has_samples():
    sampled = {sample.function for sample in SAMPLES}
    rows = [TABLE[f] for f in UFUNCS]
    missing = {row.name for row in rows if not isinstance(row, (Constant, Unsupported)) and row.function not in sampled}
    assert missing == set()


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_samples_are_inside_their_domains(sample):
    results = sample.function(*sample.args, **sample.kwargs)
    for result in results if isinstance(results, tuple) else (results,):
        assert np.all(np.isfinite(result))


# --- dtypes -----------------------------------------------------------------------------------------------------------


def tame_arguments(name, dtype):
    """Arguments that every function takes."""
    case = CASES[name]
    x = np.array([1.25, 3.5] if name == "arccosh" else [0.25, 0.5], dtype)
    if name == "ldexp":
        return [x, np.array([1, -2])]
    return [x, np.array([2, 0.75], dtype)][: len(case.partials)]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble])
@pytest.mark.parametrize(("name", "position"), PARTIALS)
def test_partials_keep_the_dtype(name, position, dtype):
    args = tame_arguments(name, dtype)
    expected = getattr(np, name)(*args).dtype
    partial = table_partial(name, position, args)
    tangent = np.ones(2, dtype) * partial
    assert tangent.dtype == (expected if hasattr(partial, "dtype") and partial.dtype != bool else dtype)
    in_double = np.ones(2) * table_partial(name, position, tame_arguments(name, np.float64))
    np.testing.assert_allclose(
        tangent, in_double.astype(tangent.dtype), rtol=8 * max(float(np.finfo(dtype).eps), 2**-52)
    )


@pytest.mark.parametrize(("name", "position"), [(n, i) for n, i in PARTIALS if len(CASES[n].partials) == 2])
def test_plain_numbers_do_not_widen_partials(name, position):
    args = tame_arguments(name, np.float32)
    expected = getattr(np, name)(*args).dtype
    args[1 - position] = 2
    partial = table_partial(name, position, args)
    tangent = np.ones(2, np.float32) * partial
    assert tangent.dtype == (expected if hasattr(partial, "dtype") and partial.dtype != bool else np.float32)


# --- kinks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "args", "position", "expected"),
    [
        # least norm at a minimum
        ("absolute", (0.0,), 0, 0),
        ("fabs", (0.0,), 0, 0),
        ("copysign", (0.0, -1.0), 0, 0),
        ("hypot", (0.0, 0.0), 0, 0),
        # steps
        ("sign", (0.0,), 0, 0),
        ("heaviside", (0.0, 0.5), 0, 0),
        ("heaviside", (0.0, 0.5), 1, 1),
        # average over ties
        ("maximum", (1.0, 1.0), 0, 0.5),
        ("minimum", (1.0, 1.0), 1, 0.5),
        ("fmax", (-INF, -INF), 0, 0.5),
        ("fmin", (0.0, -0.0), 1, 0.5),
        ("logaddexp", (-INF, -INF), 0, 0.5),
        ("logaddexp2", (INF, INF), 1, 0.5),
        # a nan is selected, or passed over
        ("maximum", (NAN, 1.0), 0, 1),
        ("maximum", (NAN, 1.0), 1, 0),
        ("minimum", (1.0, NAN), 1, 1),
        ("fmax", (NAN, 1.0), 0, 0),
        ("fmax", (NAN, 1.0), 1, 1),
        ("fmin", (1.0, NAN), 0, 1),
        # infinite slopes
        ("sqrt", (0.0,), 0, INF),
        ("cbrt", (0.0,), 0, INF),
        ("cbrt", (-0.0,), 0, INF),
        ("log", (0.0,), 0, INF),
        ("log1p", (-1.0,), 0, INF),
        ("arcsin", (1.0,), 0, INF),
        ("arccos", (-1.0,), 0, -INF),
        ("arccosh", (1.0,), 0, INF),
        ("arctanh", (-1.0,), 0, INF),
        ("reciprocal", (0.0,), 0, -INF),
        ("divide", (1.0, 0.0), 1, -INF),
        # nothing to choose
        ("arctan2", (0.0, 0.0), 0, NAN),
        # infinite arguments
        ("logaddexp", (-INF, 3.0), 0, 0),
        ("logaddexp", (-INF, 3.0), 1, 1),
        ("logaddexp2", (INF, 3.0), 0, 1),
        ("tanh", (-INF,), 0, 0),
        ("arctan", (INF,), 0, 0),
        ("exp", (-INF,), 0, 0),
        ("fmod", (5.0, INF), 1, 0),
        # whole multiples
        ("fmod", (6.0, 2.0), 1, -3),
        ("fmod", (-7.0, 2.0), 1, 3),
        ("remainder", (-7.0, 2.0), 1, 4),
        ("remainder", (6.0, 2.0), 1, -3),
        # powers of zero
        ("power", (0.0, -1.0), 0, -INF),
        ("power", (0.0, 0.0), 0, 0),
        ("power", (0.0, 0.3), 0, INF),
        ("power", (0.0, 0.5), 0, INF),
        ("power", (0.0, 0.7), 0, INF),
        ("power", (0.0, 1.0), 0, 1),
        ("power", (0.0, 2.0), 0, 0),
        ("power", (0.0, 2.0), 1, 0),
        ("power", (0.0, 0.0), 1, -INF),
        ("power", (0.0, -1.0), 1, -INF),
        # powers of negative numbers
        ("power", (-2.0, 3.0), 0, 12),
        ("power", (-2.0, -1.0), 0, -0.25),
        ("power", (-2.0, 0.0), 0, 0),
        ("power", (-2.0, 3.0), 1, NAN),
    ],
)
def test_convention(name, args, position, expected):
    arrays = [np.array([a]) for a in args]
    assert np.broadcast_to(table_partial(name, position, arrays), 1) == pytest.approx(expected, nan_ok=True)
    if name == "power" and position == 0:  # a plain exponent takes another way
        assert np.broadcast_to(table_partial(name, 0, [arrays[0], args[1]]), 1) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("x", "lower", "upper", "expected"),
    [
        (0.5, 0.0, 1.0, (1, 0, 0)),
        (-1.0, 0.0, 1.0, (0, 1, 0)),
        (2.0, 0.0, 1.0, (0, 0, 1)),
        (0.0, 0.0, 1.0, (0.5, 0.5, 0)),  # a tie
        (1.0, 0.0, 1.0, (0.5, 0, 0.5)),
        (0.5, 1.0, 0.0, (0, 0, 1)),  # crossed bounds: the upper one wins
        (-3.0, 1.0, 0.0, (0, 0, 1)),
        (NAN, 0.0, 1.0, (1, 0, 0)),
    ],
)
def test_clip_at_and_beyond_the_bounds(x, lower, upper, expected):
    args = tuple(np.array([a]) for a in (x, lower, upper))
    slopes = [jvp(lambda t, i=i: CLIP(*args[:i], t, *args[i + 1 :]), (args[i],), (np.ones(1),))[1] for i in range(3)]
    assert np.concatenate(slopes) == pytest.approx(expected)


# --- powers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("y", [-3, -2.5, -1, -0.3, 0, 0.1, 1 / 3, 0.5, 0.7, 1, 1.5, 2, 3, 4.2, 1500.0])
def test_plain_and_array_exponents_give_the_same_slopes(y):
    x = np.array([0.01, 0.9, 1.0, 1.3])
    of_number = np.broadcast_to(table_partial("power", 0, [x, y]), x.shape)
    of_array = table_partial("power", 0, [x, np.full(4, y)])
    np.testing.assert_allclose(of_number, of_array, rtol=1e-13 * max(1, abs(y)))


def test_unsigned_exponents():
    x, y = np.array([0.0, 0.0, 2.0, 2.0]), np.array([0, 1, 0, 3], np.uint8)
    assert table_partial("power", 0, [x, y]).tolist() == [0, 1, 0, 12]


# --- complex arguments ------------------------------------------------------------------------------------------------

HOLOMORPHIC = [s.function.__name__ for s in SAMPLES if s.complex_ok and len(s.args) == 1 and s.args[0] is PLANE]
# Where formulas cancel or overflow, and where square roots change their branch; off the cuts.
FAR_POINTS = [20j + 1e-3, -20j + 1e-3, 20 + 1j, 1j + 1e-7, -1j - 1e-7, 1 + 1e-7j, 1e-9 + 1e-9j, -0.7 + 1e-9j, 3 + 300j]


@pytest.mark.parametrize("name", HOLOMORPHIC)
def test_complex_partial(name):
    points = np.concatenate([PLANE, -PLANE, PLANE.conj(), FAR_POINTS])
    with mp.workdps(400):
        reference = [complex(mp.diff(CASES[name].function, mpc(z))) for z in points.tolist()]
    partial = np.broadcast_to(table_partial(name, 0, [points]), points.shape)
    np.testing.assert_allclose(partial, reference, rtol=1e-13)


@pytest.mark.parametrize("position", [0, 1])
@pytest.mark.parametrize("name", ["divide", "multiply", "power", "float_power"])
def test_complex_partial_of_two_arguments(name, position):
    x, y = PLANE, PLANE[::-1].conj()
    step = 1e-6
    shifted = [[x + s * step, y] if position == 0 else [x, y + s * step] for s in (1, -1)]
    difference = (getattr(np, name)(*shifted[0]) - getattr(np, name)(*shifted[1])) / (2 * step)
    np.testing.assert_allclose(table_partial(name, position, [x, y]), difference, rtol=1e-8)


def test_a_negative_base_has_a_complex_logarithm():
    partial = table_partial("power", 1, [-2.0, np.array([1 + 1j])])
    np.testing.assert_allclose(partial, np.power(-2 + 0j, 1 + 1j) * np.log(-2 + 0j), rtol=1e-14)


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_absolute_of_complex_numbers(scale):
    z, z_dot = scale * PLANE, np.array([1.0, 1j, 0.6 - 0.8j])
    value, push = TABLE[np.absolute].rule(z)
    assert np.array_equal(value, np.abs(z))
    expected = (PLANE.real * z_dot.real + PLANE.imag * z_dot.imag) / np.abs(PLANE)
    np.testing.assert_allclose(push(z_dot), expected, rtol=1e-15)
    np.testing.assert_allclose(push(np.stack([z_dot, 2 * z_dot])), [expected, 2 * expected], rtol=1e-15)


def test_absolute_of_complex_zero():
    assert TABLE[np.absolute].rule(np.array([0j]))[1](np.array([1 + 1j])) == 0


def test_sign_of_complex_numbers_turns():
    step, z_dot = 1e-6, np.array([1.0, 1j, 0.6 - 0.8j])
    push = TABLE[np.sign].rule(PLANE)[1]
    difference = (np.sign(PLANE + step * z_dot) - np.sign(PLANE - step * z_dot)) / (2 * step)
    np.testing.assert_allclose(push(z_dot), difference, rtol=1e-8)
    assert np.all(TABLE[np.sign].rule(PLANE.real)[1](np.ones(3)) == 0)


def test_conjugate_is_its_own_transpose():
    u, v = PLANE, PLANE[::-1] * 1j
    transpose = TABLE[np.conjugate].transposes[0]
    assert np.vdot(u, np.conjugate(v)).real == pytest.approx(np.vdot(transpose(u, v), v).real, rel=1e-14)


# --- two results ------------------------------------------------------------------------------------------------------


def test_parts_of_numbers():
    x, x_dot = np.array([-2.75, 0.3, 12.0]), np.array([1.0, 2.0, 3.0])
    (fraction, whole), (fraction_dot, whole_dot) = jvp(np.modf, (x,), (x_dot,))
    assert np.array_equal((fraction, whole), np.modf(x))
    assert np.array_equal((fraction_dot, whole_dot), (x_dot, np.zeros(3)))
    mantissa, exponent = np.frexp(Dual(x, x_dot))
    assert np.array_equal((mantissa.value, exponent), np.frexp(x))
    assert exponent.dtype == np.frexp(x)[1].dtype
    assert np.array_equal(mantissa.tangent, np.ldexp(x_dot, -exponent))


def test_quotient_and_remainder():
    x, y = np.array([7.3, -7.3]), np.array([2.0, 2.0])
    quotient, rest = divmod(Dual(x, np.ones(2)), y)
    assert np.array_equal((quotient.value, rest.value), divmod(x, y))
    assert np.array_equal((quotient.tangent, rest.tangent), ([0, 0], [1, 1]))
    quotient, rest = np.divmod(x, Dual(y, np.ones(2)))
    assert np.array_equal((quotient.tangent, rest.tangent), ([0, 0], [-3, 4]))


# --- higher orders ----------------------------------------------------------------------------------------------------


def nth_derivative(function, x, n):
    return function(x) if n == 0 else jvp(lambda t: nth_derivative(function, t, n - 1), (x,), (np.ones(x.shape),))[1]


#: Functions that have no derivatives at their jumps, or none of higher order anywhere.
ROUGH = {"fmod", "remainder", "heaviside", "nextafter", "ldexp"}


@pytest.mark.parametrize(("name", "position"), [p for p in PARTIALS if p[0] not in ROUGH])
@pytest.mark.parametrize("order", [2, 3])
def test_partials_are_differentiable(name, position, order):
    case, x = CASES[name], {"arccosh": 1.4}.get(name, 0.35)

    def along(t, other):
        args = [t, other] if position == 0 else [other, t]
        return args[: len(case.partials)]

    with mp.workdps(60):
        reference = float(mp.diff(lambda t: case.function(*along(t, mpf("1.75"))), mpf(x), order))
    derivative = nth_derivative(lambda t: getattr(np, name)(*along(t, np.array([1.75]))), np.array([x]), order)
    np.testing.assert_allclose(derivative, [reference], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("y", [-1, 0, 0.3, 0.5, 1, 2, 3, 3.7])
def test_powers_are_differentiable_twice(y):
    x = np.array([0.35, 1.0, 2.5])
    np.testing.assert_allclose(
        nth_derivative(lambda t: t**y, x, 2), y * (y - 1) * x ** (y - 2.0), rtol=1e-13, atol=1e-15
    )


@pytest.mark.parametrize(
    ("function", "x", "order", "expected"),
    [
        (np.tanh, [0.0, 1e3, -1e3], 2, [0, 0, 0]),  # cosh(1e3) is infinite
        (np.tanh, [0.0], 3, [-2]),
        (np.arctan, [0.0, 1e200], 2, [0, 0]),
        (np.arctan, [0.0], 3, [-2]),
        (lambda t: np.logaddexp(0, t), [0.0, -1e3, 1e3], 2, [0.25, 0, 0]),
        (lambda t: np.logaddexp2(0, t), [0.0], 2, [np.log(2) / 4]),
        (lambda t: np.hypot(t, 1), [0.0], 2, [1]),
        (lambda t: np.arctan2(1, t), [0.0], 2, [0]),
        (lambda t: np.arctan2(t, 1), [0.0], 3, [-2]),
        (lambda t: np.power(t, 3), [0.0], 3, [6]),
        (lambda t: np.power(t, np.array([2])), [0.0], 2, [2]),
        (lambda t: np.power(0, t), [2.0], 2, [0]),
        (np.absolute, [-0.5, 0.0], 2, [0, 0]),
    ],
)
def test_higher_order_at_special_points(function, x, order, expected):
    np.testing.assert_allclose(nth_derivative(function, np.array(x), order), expected, rtol=1e-13, atol=0)


def test_no_derivative_in_an_integer_exponent():
    assert TABLE[np.ldexp].partials[1] is None


def test_strings_are_refused():
    with pytest.raises(dualnum.NoRuleError, match="strings"):
        np.strings.isalpha(Dual([1.0], [1.0]))


@pytest.mark.parametrize(
    "function", [np.arcsin, np.arccos, np.arctan, np.arcsinh, np.arccosh, np.arctanh, np.sqrt, np.log]
)
@pytest.mark.parametrize("z", [2, -2, 0.5, -0.5, 2j, -2j, 0.5j])
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_side_of_a_cut_is_told_by_the_sign_of_zero(function, z, zero):
    along, ends = (
        (1j, [complex(zero, z.imag + h) for h in (0, 1e-6, -1e-6)])
        if z.imag
        else (
            1,
            [complex(z + h, zero) for h in (0, 1e-6, -1e-6)],
        )
    )
    z, plus, minus = ends[0], *(function(np.complex128(end)) for end in ends[1:])
    for value in (np.complex128(z), np.array([z])):
        assert np.allclose(function(Dual(value, value * 0 + along)).tangent, (plus - minus) / 2e-6, rtol=1e-6)


def test_complex_absolute_value_and_sign_at_zero():
    """0 there, by convention, and so are the derivatives of that; a zero direction gives 0 beside the smallest numbers."""
    z, still = np.array([0j, 5e-324 + 5e-324j]), np.zeros(2, complex)
    for z_dot in (still, np.array([1 + 2j, 0])):
        assert np.array_equal(np.sign(Dual(z, z_dot)).tangent, still)
        assert np.array_equal(np.absolute(Dual(Dual(z, z_dot), z_dot)).tangent.tangent, [0, 0])


def test_complex_absolute_value_at_infinity():
    z = np.array([complex(np.inf, 1.0)])
    assert np.array_equal(np.absolute(Dual(z, np.zeros(1, complex))).tangent, [0.0])


# --- sine and cosine of many numbers, by way of the tangent -----------------------------------------------------------


@pytest.mark.parametrize("function", [np.log1p, np.arctan, np.arctanh, np.cbrt, np.sin])
def test_slopes_of_many_numbers_are_those_of_few(function):
    x = np.linspace(-0.9, 0.9, 1 << 16)
    kept = x.copy()
    y, y_dot = jvp(function, (x,), (np.ones(x.size),))
    assert np.array_equal(x, kept)
    assert np.array_equal(y, function(x))
    parts = [jvp(function, (part,), (np.ones(part.size),))[1] for part in np.split(x, 64)]
    assert np.array_equal(y_dot, np.concatenate(parts))
