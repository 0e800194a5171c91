"""check_derivatives: what is right is confirmed, and what is planted is found by the check that is for it."""

import numpy as np
import pytest

from dualnum import Dual, InputError, Variable, WrongDerivativeError, check_derivatives, custom_jvp, custom_vjp, primal
from dualnum.differences import derivatives
from dualnum.table import TABLE, Linear, Nonlinear
from dualnum.twins import dispatching

X = np.array([0.5, -1.0, 2.0])
Y = np.array([1.5, 0.25, -0.75])


def failing(f, *args, **options):
    return [check.name for check in check_derivatives(f, *args, **options).wrong]


FUNCTIONS = [
    (lambda x, y: np.sin(x) * y, (X, Y)),
    (lambda x: np.sum(x**3), (2.0,)),
    (lambda z: np.abs(z) ** 2 * z, (X + 1j * Y,)),
    (lambda x: np.exp(x) * x, (X.astype(np.float32),)),
    (lambda tree, n: [tree["a"] ** n, {"b": tree["b"][0] * tree["b"][1]}, n], ({"a": X, "b": (Y, 1.0)}, 3)),
    (lambda x: np.linalg.solve(x.reshape(2, 2), x[:2]), (np.array([2.0, 0.5, 1.0, 3.0]),)),
]


@pytest.mark.parametrize(("f", "args"), FUNCTIONS)
@pytest.mark.parametrize("modes", [("forward", "reverse"), "forward", "reverse"])
@pytest.mark.parametrize("order", [1, 2])
def test_what_is_right_is_confirmed(f, args, modes, order):
    report = check_derivatives(f, *args, modes=modes, order=order, strict=True)
    assert report and report.ok
    assert report.summary() == f"{len(report.checks)} checks: {len(report.checks)} agree"
    names = " ".join(check.name for check in report.checks)
    assert ("jvp" in names, "vjp, " in names) == ("forward" in modes, "reverse" in modes)


@pytest.mark.parametrize(
    ("f", "x"),
    [(np.prod, np.float64(1.3)), (lambda x: np.std(x, axis=0), np.array([[0.3, -1.7, 2.2], [1.1, 0.6, -0.4]]))],
)
def test_second_derivatives_that_are_zero_up_to_round_off(f, x):
    for seed in range(8):  # of these, some directions leave round-off of 1e-17 in one mode and 0 in another
        assert failing(f, x, seed=seed) == []


def test_results_without_elements():
    assert failing(lambda x: x[:0] * x[1:1], X) == []
    assert failing(lambda x, y: x @ y, np.zeros((2, 0)), np.zeros((0, 3))) == []


def with_jvp(function, rule):
    f = custom_jvp(function)
    f.defjvp(rule)
    return f


def product(rule):
    return with_jvp(lambda x, y: x * x * y, lambda p, t: (p[0] * p[0] * p[1], rule(*p, *t)))


def test_wrong_jvp():
    f = product(lambda x, y, u, v: 2 * x * y * u + x * x * v * (1 + 1e-6))
    assert failing(f, X, Y, order=1) == ["jvp, argument 1", "jvp, all"]
    # What reverse mode transposes is wrong in the same way, but it is compared with differences where it is alone.
    assert failing(f, X, Y, order=1, modes="reverse") == ["vjp, argument 1"]
    assert failing(f, X, Y, order=1, argnums=0) == []


@pytest.mark.parametrize(("alone", "together", "found"), [(2, 1, "jvp, argument 1"), (1, 2, "jvp, all")])
def test_jvp_that_mixes_arguments_up(alone, together, found):
    def rule(x, y, u, v):
        return 2 * x * y * u + x * x * v * (together if np.any(u) and np.any(v) else alone)

    assert failing(product(rule), X, Y, order=1, modes="forward") == [found]


def test_rule_that_is_not_linear():
    assert "vjp, argument 0" in failing(with_jvp(lambda x: x * 1.0, lambda p, t: (p[0], t[0] ** 3)), X, order=1)


def test_wrong_value():
    f = custom_vjp(np.sin)
    f.defvjp(lambda x: (np.sin(x) * (1 + 1e-6), x), lambda x, bar: (np.cos(x) * bar,))
    assert failing(f, X, order=1) == ["value, forward", "value, reverse"]
    f.defvjp(lambda x: (np.sin(x).astype(np.float32), x), lambda x, bar: (np.cos(x) * bar,))
    report = check_derivatives(f, X, order=1)
    assert [check.name for check in report.wrong][:2] == ["value, forward", "value, reverse"]
    assert "float32" in report.wrong[0].note


def test_arguments_that_are_changed():
    def f(x, y):
        y += 1
        return x * y

    x, y = X.copy(), Y.copy()
    assert failing(f, x, y, order=1, argnums=0) == ["arguments"]
    np.testing.assert_array_equal(y, Y)


@pytest.fixture
def planted(monkeypatch):
    """Give a function a row that need not be right."""

    def plant(kind, function, **fields):
        made = dispatching(function)
        monkeypatch.setitem(TABLE, made, kind(function=made, **fields))
        return made

    return plant


def test_wrong_transpose(planted):
    f = planted(Linear, lambda x: x[::-1] * 1.0, transposes={0: lambda out_bar, x: out_bar})
    assert failing(f, X, order=1) == ["vjp, argument 0"]


def test_directions_that_are_mixed_up(planted):
    def rule(x):
        return x * x, lambda x_dot: 2 * x * (x_dot.T if x_dot.ndim > 1 else x_dot)

    f = planted(Nonlinear, lambda x: x * x, rule=rule, batched=True)
    assert failing(f, X, order=1) == ["jvp, 3 directions"]


def test_rows_that_are_mixed_up(monkeypatch):
    right = derivatives.vjp

    def mixed_up(f, *primals):
        y, pull = right(f, *primals)
        return y, lambda bars: tuple(x[::-1] if x.ndim > 1 else x for x in pull(bars))

    monkeypatch.setattr(derivatives, "vjp", mixed_up)
    assert failing(lambda x: x * x, X, order=1) == ["vjp, 3 rows"]


def constant_in(kind):
    """A rule that loses the derivative of its own, in one mode."""

    def rule(primals, tangents):
        x = primals[0]
        return x * x, 2 * (primal(x) if isinstance(x, kind) else x) * tangents[0]

    return with_jvp(lambda x: x * x, rule)


def test_second_derivatives_that_are_lost():
    assert failing(constant_in(Dual), X, modes="forward") == ["jvp of jvp"]
    assert failing(constant_in(Variable), X, modes="reverse") == ["vjp of vjp"]
    assert failing(constant_in(Variable), X) == ["vjp of jvp", "vjp of vjp"]
    assert "jvp of jvp" in failing(constant_in(Dual), X)


def test_second_derivatives_that_do_not_fit_each_other(monkeypatch):
    right = derivatives._Study.pull
    monkeypatch.setattr(derivatives._Study, "pull", lambda self, vs, *xs: {0: right(self, vs, *xs)[0] * xs[0]})
    report = check_derivatives(lambda x: x**3, np.array([2.0]))
    assert "jvp of vjp" in [check.name for check in report.wrong]


def test_errors_are_findings():
    def rule(primals, tangents):
        raise RuntimeError("no rule today")

    report = check_derivatives(with_jvp(np.sin, rule), X, modes="forward")
    assert [check.name for check in report.wrong] == [
        "value, forward",
        "jvp, argument 0",
        "jvp, 3 directions",
        "jvp of jvp",
    ]
    assert "RuntimeError: no rule today" in str(report)
    with pytest.raises(WrongDerivativeError, match="no rule today"):
        report.raise_if_wrong()


def test_noise_confirms_nothing():
    rng = np.random.default_rng(0)
    report = check_derivatives(lambda x: x + rng.normal(size=3) * 1e-3, X, order=1, modes="forward")
    assert not report.ok
    assert report.checks[2].verdict == "too noisy to tell"


def test_report():
    report = check_derivatives(lambda x: x * x, X)
    lines = str(report).splitlines()
    assert len(lines) == len(report.checks) + 3 == 14
    assert all(line.endswith("agrees") for line in lines[2:-1])
    assert lines[-1] == "11 checks: 11 agree"
    report.raise_if_wrong()


def test_the_same_seed_gives_the_same_report():
    reports = [check_derivatives(np.tanh, X, seed=seed) for seed in (1, 1, 2)]
    assert str(reports[0]) == str(reports[1]) != str(reports[2])


MISTAKES = [
    ((lambda x: x, X), {"order": 3}, "order"),
    ((lambda x: x, X), {"modes": ("sideways",)}, "modes"),
    ((lambda x: x, X), {"modes": ()}, "modes"),
    ((lambda x: x, 3), {}, "no argument holds floats"),
    ((lambda x: "text", X), {}, "returned no floats"),
    ((lambda x: x, X), {"argnums": 1}, "argnums=1"),
]


@pytest.mark.parametrize(("args", "options", "message"), MISTAKES)
def test_mistakes(args, options, message):
    with pytest.raises(InputError, match=message):
        check_derivatives(*args, **options)


def test_integers_can_be_meant():
    assert check_derivatives(lambda n: n**2, 3, argnums=0).ok
