"""Every row of the table stands the same checks, on all samples; and every check can fail."""

from __future__ import annotations

import numpy as np
import pytest

from dualnum.dispatch import ActiveArray, apply_function, primal_all
from dualnum.table import TABLE, Composite, Constant, Elementwise, Linear, Nonlinear, Unsupported
from tests import row_checks
from tests.samples import Sample, samples_by_module

SAMPLES = [
    (f"{name}-{i}-{getattr(sample.function, '__name__', 'call')}", sample)
    for name, samples in samples_by_module().items()
    for i, sample in enumerate(samples)
]


@pytest.mark.parametrize("sample", [pytest.param(sample, id=label) for label, sample in SAMPLES])
def test_row(sample):
    for check in row_checks.CHECKS:
        check(sample)


class _Recorder(dict):
    """A table that remembers which rows were asked for."""

    def __init__(self, table):
        super().__init__(table)
        self.asked = set()

    def __getitem__(self, function):
        self.asked.add(function)
        return super().__getitem__(function)

    def get(self, function, default=None):
        self.asked.add(function)
        return super().get(function, default)


def test_every_differentiable_row_has_a_sample(monkeypatch):
    recorder = _Recorder(TABLE)
    for module in ("application", "dispatch"):
        monkeypatch.setattr(f"dualnum.{module}.TABLE", recorder)
    for _, sample in SAMPLES:
        args = row_checks.arguments(sample)
        directions = row_checks.directions(sample, args)
        row_checks.call(sample, row_checks.lifted(args, directions, directions))
    direct = {sample.function for _, sample in SAMPLES}
    missing = [
        row.name
        for function, row in TABLE.items()
        if function not in recorder.asked | direct and not isinstance(row, (Constant, Unsupported))
    ]
    assert not missing


# Planted errors: for each check a row that only this check finds wrong.


def plant(monkeypatch, kind, plain, **parts):
    """Make a function that dispatches, with a row of its own."""

    def function(*args, **kwargs):
        if any(isinstance(arg, ActiveArray) for arg in args):
            return apply_function(function, args, kwargs)
        return plain(*args, **kwargs)

    monkeypatch.setitem(TABLE, function, kind(function=function, **parts))
    return function


LINE = np.array([0.5, -1.5, 2.0])
GRID = np.array([[0.3, -0.4, 1.1], [2.1, 0.6, -1.7]])


def twice(monkeypatch):
    """Value right, but of another dtype."""
    return plant(monkeypatch, Composite, lambda x: 2 * x, body=lambda x: np.astype(2 * x, np.complex128), exact=True)


def minus_zero(monkeypatch):
    """Value right up to the sign of zero."""
    return plant(monkeypatch, Composite, lambda x: 0 * np.abs(x), body=lambda x: 0 * x, exact=True)


def list_for_tuple(monkeypatch):
    return plant(monkeypatch, Composite, lambda x: (x, x), body=lambda x: [x, x], exact=True)


def changes_its_argument(monkeypatch):
    def body(x):
        x[0] = 1.0
        return x + 0

    return plant(monkeypatch, Composite, lambda x: np.where(np.arange(x.size) == 0, 1.0, x), body=body, exact=True)


def wrong_partial(monkeypatch):
    return plant(monkeypatch, Elementwise, np.exp, partials=(lambda out, x: out * (1 + 1e-6),))


def square_batch_mixed_up(monkeypatch):
    """Right but for as many directions as elements, which are then taken for each other."""

    def of_directions(a_dot):
        return a_dot.T if a_dot.shape[0] == a_dot.shape[1] else a_dot

    return plant(monkeypatch, Linear, lambda a: 1.0 * a, transposes={0: None}, batched={0: of_directions})


def second_derivative_lost(monkeypatch):
    return plant(monkeypatch, Elementwise, np.exp, partials=(lambda out, x: np.exp(primal_all(x)),))


def float32_lost(monkeypatch):
    """In float32, a tangent computed with an absolute error that float64 does not have."""

    def rule(x):
        return np.sin(x), lambda x_dot: x_dot * np.cos(x) + (x_dot.dtype == np.float32)

    return plant(monkeypatch, Nonlinear, np.sin, rule=rule)


def lower_level_lost(monkeypatch):
    return plant(
        monkeypatch,
        Nonlinear,
        lambda x, y: x * y,
        rule=lambda x, y: (x * y, lambda x_dot, y_dot: _product(x, y, x_dot, y_dot)),
        positions=(0, 1),
    )


def _product(x, y, x_dot, y_dot):
    # Right when both are active at one level; alone, the other is taken for zero if it is active below.
    if x_dot is None or y_dot is None:
        other = y if y_dot is None else x
        return (x_dot if y_dot is None else y_dot) * (0 * other if isinstance(other, ActiveArray) else other)
    return x_dot * y + x * y_dot


def wrong_transpose(monkeypatch):
    return plant(
        monkeypatch, Linear, np.flipud, transposes={0: lambda out_bar, m: out_bar}, batched={0: np.fliplr}, view=True
    )


def copied_tangent(monkeypatch):
    """A view of the value with a copy of the tangent."""
    return plant(
        monkeypatch,
        Nonlinear,
        lambda x: x[::-1],
        rule=lambda x: (x[::-1], lambda x_dot: x_dot[::-1].copy()),
    )


def shared_tangent(monkeypatch):
    """A copy of the value with the tangent itself."""
    return plant(monkeypatch, Nonlinear, np.copy, rule=lambda x: (np.copy(x), lambda x_dot: x_dot), batched=True)


PLANTED = [
    ("value", twice, LINE),
    ("value", minus_zero, LINE),
    ("value", list_for_tuple, LINE),
    ("value", changes_its_argument, LINE),
    ("tangent", wrong_partial, LINE),
    ("directions", square_batch_mixed_up, LINE),
    ("nested", second_derivative_lost, LINE),
    ("float32", float32_lost, LINE),
    ("transposes", wrong_transpose, GRID),
    ("aliasing", copied_tangent, LINE),
]


@pytest.mark.parametrize(("name", "planted", "x"), PLANTED)
def test_check_finds_what_is_planted(monkeypatch, name, planted, x):
    sample = Sample(planted(monkeypatch), (x,))
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(row_checks, f"check_{name}")(sample)


def test_a_rule_may_hand_through_its_tangent(monkeypatch):
    """The core copies it where NumPy's result is a copy."""
    row_checks.check_aliasing(Sample(shared_tangent(monkeypatch), (LINE,)))


def test_check_of_levels_finds_what_is_planted(monkeypatch):
    sample = Sample(lower_level_lost(monkeypatch), (LINE, LINE[::-1]), active=(0, 1))
    row_checks.check_tangent(sample)
    with pytest.raises(AssertionError):
        row_checks.check_levels(sample)


def test_differences_too_noisy_are_not_taken_for_agreement():
    with pytest.raises(AssertionError, match="noisy"):
        row_checks.check_tangent(Sample(np.absolute, (np.array([1e-5, 2.0]),)))
