"""Rules of the user's own: custom_jvp, custom_vjp, register."""

import gc
import math
import weakref

import numpy as np
import pytest

from dualnum import (
    DerivativeLostError,
    Dual,
    HyperDual,
    InputError,
    MutationError,
    NoRuleError,
    ShapeError,
    Tape,
    check_derivatives,
    custom_jvp,
    custom_vjp,
    derivative,
    grad,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    register,
    vjp,
)
from dualnum.table import TABLE

X = np.array([0.5, -1.0, 2.0])
Y = np.array([1.5, 0.25, -0.75])


@pytest.fixture(autouse=True)
def _rows_of_this_test_alone():
    before = set(TABLE)
    yield
    for function in set(TABLE) - before:
        del TABLE[function]


def blend(x, y, *, power=2):
    """Runs on plain numbers alone."""
    return np.array([math.sin(a) for a in np.ravel(x)]).reshape(np.shape(x)) * np.asarray(y, float) ** power


def blended(x, y, power=2):
    return np.sin(x) * y**power


def pushed(x, y, x_dot, y_dot, power=2):
    return np.cos(x) * y**power * x_dot + power * np.sin(x) * y ** (power - 1) * y_dot


def by_custom_jvp():
    f = custom_jvp(blend)

    @f.defjvp
    def rule(primals, tangents, power=2):
        return f(*primals, power=power), pushed(*primals, *tangents, power)

    return f


def forward(x, y, power=2):
    return blended(x, y, power), (x, y, power)


def backward(residuals, out_bar):
    x, y, power = residuals
    return np.cos(x) * y**power * out_bar, power * np.sin(x) * y ** (power - 1) * out_bar


def by_custom_vjp():
    f = custom_vjp(blend)
    f.defvjp(forward, backward)
    return f


def by_jvp():
    def rule(primals, tangents, power=2):
        return blended(*primals, power), pushed(*primals, *tangents, power)

    return register(blend, jvp=rule)


def by_vjp():
    return register(blend, vjp=(forward, backward))


def by_rule():
    def rule(x, y, power=2):
        def push(x_dot, y_dot):
            return pushed(x, y, 0 if x_dot is None else x_dot, 0 if y_dot is None else y_dot, power)

        return blended(x, y, power), push

    return register(blend, rule=rule)


def by_partials():
    return register(blend, partials=[lambda out, x, y: np.cos(x) * y**2, lambda out, x, y: 2 * np.sin(x) * y])


FORMS = [by_custom_jvp, by_custom_vjp, by_jvp, by_vjp, by_rule, by_partials]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_in_every_nesting(form):
    f = form()
    np.testing.assert_array_equal(f(X, Y), blend(X, Y))
    check_derivatives(f, X, Y).raise_if_wrong()
    check_derivatives(f, X, 0.5, argnums=0).raise_if_wrong()
    third = derivative(derivative(grad(lambda x: f(x, 0.5))))(0.3)
    np.testing.assert_allclose(third, -math.cos(0.3) * 0.25, rtol=1e-13)


@pytest.mark.parametrize("form", FORMS)
def test_same_as_without_a_rule(form):
    f = form()

    def loss(function):
        return lambda x: np.sum(function(x, x[::-1]) ** 2) + x[0]

    for derivatives in (grad, jacobian, lambda g: jacobian(grad(g)), lambda g: jacobian(jacobian(g))):
        np.testing.assert_allclose(derivatives(loss(f))(X), derivatives(loss(blended))(X), rtol=1e-12, atol=1e-14)
    weighted = [grad(lambda x, g=g: grad(loss(g))(x) @ Y)(X) for g in (f, blended)]
    np.testing.assert_allclose(*weighted, rtol=1e-12)


@pytest.mark.parametrize("form", FORMS[:-1])
def test_options_are_passed_on(form):
    f = form()
    np.testing.assert_allclose(grad(lambda x: np.sum(f(x, y=Y, power=3)))(X), np.cos(X) * Y**3, rtol=1e-14)
    with pytest.raises(NoRuleError, match="keyword-only argument 'power'"):
        grad(lambda p: np.sum(f(X, Y, power=p)))(2.0)


def test_partials_see_no_options():
    f = by_partials()
    with pytest.raises(NoRuleError, match="power"):
        grad(lambda x: np.sum(f(x, Y, power=3)))(X)


def test_trees_of_arguments_and_results():
    @custom_vjp
    def affine(parameters, x):
        w, b = parameters["w"], parameters["b"]
        return {"out": w @ x + b, "size": len(b)}, np.sum(x)

    affine.defvjp(
        lambda p, x: (affine(p, x), (p["w"], x)),
        lambda r, bars: (
            {"w": np.outer(bars[0]["out"], r[1]), "b": bars[0]["out"]},
            r[0].T @ bars[0]["out"] + bars[1],
        ),
    )
    parameters = {"w": np.arange(6.0).reshape(2, 3), "b": np.ones(2)}
    check_derivatives(affine, parameters, X).raise_if_wrong()
    out, total = affine(parameters, Dual(X, Y))
    assert out["size"] == 2
    np.testing.assert_array_equal(out["out"].tangent, parameters["w"] @ Y)


def test_what_a_rule_is_given_for_constants():
    seen = []

    @custom_jvp
    def f(x, names, count=3, scale=None):
        return x * count

    @f.defjvp
    def rule(primals, tangents):
        seen.append((primals, tangents))
        return f(*primals), tangents[0] * primals[2] + primals[0] * tangents[2]

    jvp(lambda x: f(x, ("a", Y)), (X,), (Y,))
    primals, (x_dot, names_dot, count_dot, scale_dot) = seen[0]
    assert primals[2:] == (3, None)
    assert x_dot.shape == (3,) and count_dot == 0.0 and scale_dot is None
    assert names_dot[0] is None
    np.testing.assert_array_equal(names_dot[1], np.zeros(3), strict=True)


def test_complex_arguments():
    @custom_vjp
    def modulus(z):
        return np.abs(z)

    modulus.defvjp(lambda z: (np.abs(z), z), lambda z, bar: (z / np.abs(z) * bar,))
    check_derivatives(modulus, X + 1j * Y).raise_if_wrong()
    np.testing.assert_allclose(grad(lambda z: np.sum(modulus(z) ** 2))(X + 1j * Y), 2 * (X + 1j * Y), rtol=1e-14)


def test_methods_can_have_rules():
    class Spring:
        k = 3.0

        @custom_jvp
        def energy(self, x):
            return self.k * float(np.sum(x**2)) / 2

        @energy.defjvp
        def rule(primals, tangents):
            self, x = primals
            return self.energy(x), self.k * np.sum(x * tangents[1])

    np.testing.assert_array_equal(grad(Spring().energy)(X), 3 * X)


def test_a_zero_direction_stays_zero_where_a_transposed_rule_is_infinite():
    root = custom_vjp(np.sqrt)
    root.defvjp(lambda x: (np.sqrt(x), x), lambda x, bar: (bar * 0.5 / np.sqrt(x),))
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(jvp(root, ([0.0, 4.0],), ([0.0, 1.0],))[1], [0.0, 0.25])


# What goes wrong


def test_rule_that_cannot_be_differentiated_again():
    @custom_jvp
    def f(x):
        return math.exp(x)

    @f.defjvp
    def rule(primals, tangents):
        return f(*primals), math.exp(primals[0]) * tangents[0]

    assert derivative(f)(0.0) == grad(f)(0.0) == 1.0
    for second in (derivative(derivative(f)), derivative(grad(f)), grad(derivative(f)), grad(grad(f))):
        with pytest.raises(DerivativeLostError):
            second(0.0)


def test_without_a_rule():
    with pytest.raises(NoRuleError, match="defjvp"):
        grad(custom_jvp(blend))(X, Y)
    with pytest.raises(NoRuleError, match="defvjp"):
        grad(custom_vjp(blend))(X, Y)


def with_jvp(rule):
    f = custom_jvp(lambda x, y: x * y)
    f.defjvp(rule)
    return f


def with_vjp(backward, forward=lambda x, y: (x * y, (x, y))):
    f = custom_vjp(lambda x, y: x * y)
    f.defvjp(forward, backward)
    return f


WRONG = [
    (with_jvp(lambda p, t: (p[0], np.sum(t[0]))), ShapeError, r"tangent of shape \(\); the result has shape \(3,\)"),
    (with_jvp(lambda p, t: (p[0], (t[0], t[0]))), ShapeError, "structure"),
    (with_jvp(lambda p, t: (p[0][:1], t[0])), ShapeError, "another structure or shape"),
    (with_jvp(lambda p, t: t[0]), InputError, r"pair \(out, out_dot\)"),
    (with_jvp(lambda p, t: (p[0], t[0] * 1j)), InputError, "complex tangent"),
    (with_jvp(lambda p, t: (p[0], "no")), InputError, "expected numbers"),
    (with_vjp(lambda r, bar: (bar,)), ShapeError, "tuple of 2 cotangents.*got 1"),
    (with_vjp(lambda r, bar: bar), ShapeError, "tuple of 2 cotangents.*got"),
    (
        with_vjp(lambda r, bar: (bar, np.sum(bar))),
        ShapeError,
        r"cotangent of shape \(\); the argument has shape \(3,\)",
    ),
    (with_vjp(lambda r, bar: ([bar], bar)), ShapeError, "structure"),
    (with_vjp(lambda r, bar: (bar, bar), lambda x, y: x * y), InputError, r"pair \(out, residuals\)"),
]


@pytest.mark.parametrize(("f", "error", "message"), WRONG)
@pytest.mark.parametrize("transform", [grad, jacobian])
def test_what_rules_give_is_checked(transform, f, error, message):
    with pytest.raises(error, match=message) as caught:
        transform(lambda x: np.sum(f(x, x)))(X)
    assert "<lambda>" in str(caught.value)


@pytest.mark.parametrize("transform", [grad, jacobian])
def test_partials_and_transposes_are_checked(transform):
    f = register(lambda x: x * x, partials=[lambda out, x: np.outer(x, x)])
    with pytest.raises(ShapeError, match=r"partial 0 has shape \(3, 3\)"):
        transform(lambda x: np.sum(f(x)))(X)
    g = register(lambda x: np.sum(x), partials=[lambda out, x: 1.0])
    with pytest.raises(ShapeError, match="as a function of elements"):
        transform(g)(X)
    h = register(lambda x: x[:2], transposes=[lambda out_bar, x: out_bar])
    with pytest.raises(ShapeError, match=r"transpose 0 gave a cotangent of shape \(2,\)"):
        grad(lambda x: np.sum(h(x)))(X)


def doubled_in_place(x):
    x *= 2
    return x


IN_PLACE = {
    "f": lambda: with_jvp_of(doubled_in_place, lambda p, t: (2 * p[0], 2 * t[0])),
    "jvp": lambda: with_jvp_of(lambda x: 2 * x, lambda p, t: (2 * p[0], doubled_in_place(t[0]))),
    "backward": lambda: with_vjp_of(lambda r, bar: (doubled_in_place(bar),)),
    "residuals": lambda: with_vjp_of(lambda r, bar: (bar * doubled_in_place(r) / r,)),
}


def with_jvp_of(function, rule):
    f = custom_jvp(function)
    f.defjvp(rule)
    return f


def with_vjp_of(backward):
    f = custom_vjp(lambda x: 2 * x)
    f.defvjp(lambda x: (2 * x, x), backward)
    return f


@pytest.mark.parametrize("name", IN_PLACE)
def test_arrays_that_were_given_may_not_be_changed(name):
    f = IN_PLACE[name]()
    with pytest.raises(MutationError, match="changed an array"):
        if name == "jvp":
            jvp(f, (X,), (Y,))
        else:
            grad(lambda x: np.sum((f(x) + x) * Y))(X)


def test_active_arrays_may_not_be_changed_either():
    f = custom_vjp(lambda x: 2 * x)
    f.defvjp(lambda x: (doubled_in_place(x), None), lambda r, bar: (2 * bar,))
    for transform in (grad, jacobian):
        with pytest.raises(MutationError, match="changed an array"):
            transform(lambda x: jvp(lambda z: np.sum(f(z)), (x,), (Y,))[1])(X)


def test_values_that_are_no_arguments_are_refused():
    def outer(a):
        f = custom_jvp(lambda x: a * x)
        f.defjvp(lambda p, t: (p[0], t[0]))
        return np.sum(f(a))

    for transform in (grad, jacobian):
        with pytest.raises(InputError, match="not among its arguments"):
            transform(outer)(X)


def test_residuals_that_are_overwritten_later():
    f = custom_vjp(lambda x, y: x * np.sin(y))
    f.defvjp(
        lambda x, y: (x * np.sin(y), (x, np.sin(y), np.cos(y))),
        lambda r, bar: (bar * r[1], bar * r[0] * r[2]),
    )

    def program(function):
        def run(x, y):
            z = function(x, y)
            x[0] = 7.0
            return np.sum(z * x)

        return grad(run, (0, 1))(X, Y)

    for found, expected in zip(program(f), program(lambda x, y: x * np.sin(y)), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-14)


@pytest.mark.parametrize(
    "hide", [lambda r: lambda: r, lambda r: np.array([r, None], object), lambda r: iter([r[::-1]])]
)
def test_residuals_that_are_not_seen(hide):
    """What a tape cannot replace may not be overwritten; what an object does not hold may."""

    def exponential(forward, backward):
        f = custom_vjp(lambda x: np.exp(x))
        f.defvjp(forward, backward)
        return f

    def update_argument(f):
        def run(x):
            y = x * 1.0
            z = f(y)
            for _ in range(2):
                with pytest.raises(MutationError, match="residuals"):
                    y *= 2
            return np.sum(z)

        return run

    def update_result(f):
        def run(x):
            y = x * 1.0
            z = f(y)
            z *= 3
            y *= 2
            return np.sum(z * y)

        return run

    def backward(r, bar):
        return (bar * np.exp(r[0]),)

    of_argument = exponential(lambda x: (np.exp(x), (x, hide(x))), backward)
    np.testing.assert_allclose(grad(update_argument(of_argument))(X), np.exp(X), rtol=1e-15)
    of_neither = exponential(lambda x: (np.exp(x), (x, hide(x + 1))), backward)
    expected = grad(lambda x: np.sum(6 * np.exp(x) * x))(X)
    np.testing.assert_allclose(grad(update_result(of_neither))(X), expected, rtol=1e-15)

    held = []  # the result, by an object that the tape does not look into

    def forward(x):
        held.append(np.exp(x))
        return held[-1], hide(held[-1])

    of_result = exponential(forward, lambda r, bar: (bar * held[-1],))
    np.testing.assert_allclose(grad(update_result(of_result))(X), expected, rtol=1e-15)


def test_result_that_is_the_argument_itself():
    same = with_jvp_of(lambda x: x, lambda p, t: (p[0], t[0]))

    def program(function):
        def run(x):
            y = function(x)
            y[0] *= 2
            return np.sum(x * y)

        return run

    np.testing.assert_array_equal(grad(program(same))(X), grad(program(lambda x: x))(X))
    expected = jvp(program(lambda x: x), (X,), (Y,))
    assert jvp(program(same), (X,), (Y,)) == expected
    with pytest.raises(MutationError):
        jacobian(program(same))(X)


def pair_by_jvp():
    f = custom_jvp(lambda x: (2 * x, 2 * x + 1))
    f.defjvp(lambda p, t: ((2 * p[0], 2 * p[0] + 1), (2 * t[0],) * 2))
    return f


def pair_by_vjp():
    f = custom_vjp(lambda x: (2 * x, 2 * x + 1))
    f.defvjp(lambda x: ((2 * x, 2 * x + 1), None), lambda r, bars: (2 * (bars[0] + bars[1]),))
    return f


def hyperdual_columns(f):
    return lambda x: np.stack([f(HyperDual(x, e, e, 0 * x)).e1 for e in np.eye(len(x))], axis=-1)


@pytest.mark.parametrize("make", [pair_by_jvp, pair_by_vjp])
@pytest.mark.parametrize("jac", [jacfwd, jacrev, hyperdual_columns])
def test_results_with_the_same_tangent_are_updated_apart(make, jac):
    pair = make()

    def f(x):
        y, z = pair(x)
        y *= 3
        return np.concatenate([y, z])

    np.testing.assert_array_equal(jac(f)(X), np.concatenate([6 * np.eye(3), 2 * np.eye(3)]))


@pytest.mark.parametrize("jac", [jacfwd, jacrev, hyperdual_columns])
def test_results_that_are_one_array_are_not_updated(jac):
    def twice(x):
        y = 2 * x
        return y, y

    by_vjp = custom_vjp(twice)
    by_vjp.defvjp(lambda x: (twice(x), None), lambda r, bars: (2 * (bars[0] + bars[1]),))
    by_jvp = custom_jvp(twice)
    by_jvp.defjvp(lambda p, t: (twice(p[0]), (2 * t[0], 2 * t[0])))
    for f in (by_vjp, by_jvp):
        np.testing.assert_array_equal(jac(lambda x, f=f: f(x)[0] + f(x)[1])(X), 4 * np.eye(3))
        for i in (0, 1):
            with pytest.raises((MutationError, ValueError), match="read-only"):
                jac(lambda x, f=f, i=i: f(x)[i].__iadd__(1.0))(X)


def test_tangents_that_a_rule_keeps_are_not_overwritten():
    kept = np.array([1.0, 2.0, 3.0])
    f = custom_jvp(lambda x: x * kept)
    f.defjvp(lambda p, t: (p[0] * kept, kept))

    def g(x):
        y = f(x)
        y *= 2
        return y

    for _ in range(2):
        y_dot = jvp(g, (X,), (np.ones(3),))[1]
        np.testing.assert_array_equal(y_dot, [2, 4, 6])
        y_dot += 1
    np.testing.assert_array_equal(kept, [1, 2, 3])


# Memory


def test_functions_with_rules_are_freed():
    def use():
        data = np.ones(3)
        f = custom_vjp(lambda x: x * data)
        f.defvjp(lambda x: (x * data, None), lambda r, bar: (bar * data,))
        grad(lambda x: np.sum(f(x)))(X)
        jacobian(f)(X)
        return weakref.ref(data)

    left = use()
    gc.collect()
    assert left() is None


def test_the_tape_keeps_residuals_alone():
    f = custom_vjp(lambda x: np.sin(x))
    f.defvjp(lambda x: (np.sin(x), None), lambda r, bar: (bar,))
    with Tape() as tape:
        x = tape.variable(X)
        between = x + 1
        value = weakref.ref(between.value.base)
        y = f(between)
        del between
        assert value() is None
    tape.backward(y, np.ones(3))
    np.testing.assert_array_equal(x.adjoint, np.ones(3))


# Registering


def test_ufuncs_of_others_work_unmodified():
    angle = np.frompyfunc(math.atan2, 2, 1)
    assert (
        register(angle, partials=[lambda out, y, x: x / (x * x + y * y), lambda out, y, x: -y / (x * x + y * y)])
        is angle
    )
    check_derivatives(lambda y, x: angle(y, x).astype(float), X, Y).raise_if_wrong()
    np.testing.assert_allclose(jacobian(lambda x: angle.outer(x, Y))(X), jacobian(lambda x: np.arctan2.outer(x, Y))(X))
    exponential = np.frompyfunc(math.exp, 1, 1)
    register(exponential, jvp=lambda p, t: (np.exp(p[0]), np.exp(p[0]) * t[0]))
    check_derivatives(lambda x: exponential(x).astype(float), X).raise_if_wrong()


def test_linear_functions():
    def weighted(x, a, *, axis=0):
        return np.cumsum(np.asarray(x, float), axis) * float(a)

    f = register(
        weighted,
        transposes=[
            lambda bar, x, a, axis=0: np.flip(np.cumsum(np.flip(bar * a, axis), axis), axis),
            lambda bar, x, a, axis=0: np.sum(bar * np.cumsum(x, axis)),
        ],
    )
    check_derivatives(f, np.outer(X, Y), 2.0).raise_if_wrong()
    check_derivatives(lambda x, a: f(x, a, axis=1), np.outer(X, Y), 2.0).raise_if_wrong()


MISTAKES = [
    (np.sin, {"partials": [1]}, "has a row already"),
    (np.linalg.inv, {"rule": lambda a: None}, "has a row already"),
    (math.erf, {}, "exactly one of"),
    (math.erf, {"partials": [1], "jvp": lambda p, t: None}, "exactly one of"),
    (math.erf, {"partials": [1, 2]}, "one partial for each"),
    (math.erf, {"partials": [lambda x: x]}, "partial 0.*must take 2 arguments"),
    (math.erf, {"partials": ["x"]}, "partial 0 must be"),
    (math.erf, {"transposes": [lambda out_bar: out_bar]}, "transpose 0.*must take 2 arguments"),
    (math.erf, {"transposes": [None]}, "transposes has 1 entries"),
    (math.erf, {"jvp": lambda p: None}, "must take 2 arguments"),
    (math.erf, {"rule": lambda x, y: None}, "the rule must take 1 argument"),
    (math.erf, {"vjp": lambda p: None}, "pair"),
    (math.erf, {"vjp": (lambda x: None, lambda r: None)}, "backward must take 2 arguments"),
    (math.erf, {"vjp": (lambda: None, lambda r, b: None)}, "forward must take 1 argument"),
    (np.frompyfunc(divmod, 2, 2), {"partials": [1, 2]}, "one result"),
    ("erf", {"partials": [1]}, "expected a function"),
]


@pytest.mark.parametrize(("f", "options", "message"), MISTAKES)
def test_mistakes_are_found_when_a_function_is_registered(f, options, message):
    with pytest.raises(InputError, match=message):
        register(f, **options)


def test_a_function_has_one_row():
    erf = register(math.erf, partials=[lambda out, x: 2 / np.sqrt(np.pi) * np.exp(-(x**2))])
    assert derivative(erf)(0.0) == 2 / math.sqrt(math.pi)
    for function in (math.erf, erf):
        with pytest.raises(InputError, match="has a row already"):
            register(function, partials=[1])


def test_rows_of_pulls_can_be_stacked_where_one_is_zero():
    f = with_vjp_of(lambda r, bar: (bar if bar[0] else None,))
    rows = vjp(f, X)[1](np.array([[0.0, 0.0, 0.0], [1.0, 2.0, 3.0]]))[0]
    np.testing.assert_array_equal(rows, [[0.0, 0.0, 0.0], [1.0, 2.0, 3.0]])
