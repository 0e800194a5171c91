"""Times of events, and solutions at any time."""

import math

import numpy as np
import pytest
from scipy import integrate

import dualnum.scipy.integrate as twins
from dualnum import ConvergenceError, Dual, InputError, derivative, grad, hessian, jacfwd, jacobian, jacrev
from tests.implicit.extrapolated import check_all

FINE = {"rtol": 1e-11, "atol": 1e-12}


def flight(p, solve=twins.solve_ivp, **options):
    """A ball in the air, with drag, until it comes down to a level that is given too; and where it is highest."""
    speed, angle, drag, level = p

    def rate(t, s, level):
        size = np.sqrt(s[2] ** 2 + s[3] ** 2)
        return [s[2], s[3], -drag * size * s[2], -9.81 - drag * size * s[3]]

    def top(t, s, level):
        return s[3]

    def ground(t, s, level):
        return s[1] - level

    ground.terminal, ground.direction = True, -1
    start = [0.0 * speed, 0.0 * speed, speed * np.cos(angle), speed * np.sin(angle)]
    start = start if isinstance(speed, float) else np.stack(start)
    return solve(rate, (0, 20.0), start, events=[top, ground], args=(level,), **FINE | options)


P = [20.0, 0.8, 0.02, 1.0]


def times_and_states(p):
    found = flight(p)
    return np.concatenate([*found.t_events, *found.y_events[0], *found.y_events[1], found.t[-1:], found.y[:, -1]])


def test_events_of_a_flight():
    check_all(times_and_states, P, levels=3, rtol=1e-6)


def test_values_are_those_of_scipy():
    plain, active = flight(P, integrate.solve_ivp), flight(Dual(P, np.ones(4)))
    for ours, theirs in zip(
        (active.t[:-1], active.t[-1].value, active.y.value, *active.t_events, *active.y_events),
        (plain.t[:-1], plain.t[-1], plain.y, *plain.t_events, *plain.y_events),
        strict=True,
    ):
        np.testing.assert_array_equal(getattr(ours, "value", ours), theirs)
    same = flight(P)
    np.testing.assert_array_equal(same.y, plain.y)
    assert same.status == plain.status == 1


def crossings(p, stop=8.0, **options):
    """Times at which an oscillator passes zero: (pi / 2 + k pi - phase) / frequency."""
    frequency, phase = p
    start = np.stack([np.cos(phase), -frequency * np.sin(phase)])
    found = twins.solve_ivp(
        lambda t, s: np.stack([s[1], -(frequency**2) * s[0]]),
        (0, 8.0),
        start,
        events=lambda t, s: s[0],
        **FINE | options,
    )
    return found.t_events[0]


@pytest.mark.parametrize("way", [jacfwd, jacrev])
@pytest.mark.parametrize(
    "options", [{}, {"sensitivity": "adjoint"}, {"method": "DOP853", "t_eval": [1.0, 7.0]}, {"t_eval": []}]
)
def test_all_events_of_an_oscillator(way, options):
    frequency, phase = 2.0, 0.3
    times = (np.pi / 2 + np.pi * np.arange(5) - phase) / frequency
    expected = np.stack([-times / frequency, np.full(5, -1 / frequency)], axis=1)
    np.testing.assert_allclose(way(lambda p: crossings(p, **options))([frequency, phase]), expected, rtol=1e-7)


def test_higher_derivatives_of_the_time_of_an_event():
    def time(frequency):
        return crossings([frequency, 0.3], 1.0, method="DOP853")[0]

    c = np.pi / 2 - 0.3
    for ways, expected in (
        ([derivative, derivative], 2 * c / 8),
        ([grad, derivative], 2 * c / 8),
        ([derivative, grad, derivative], -6 * c / 16),
    ):
        found = time
        for way in ways:
            found = way(found)
        np.testing.assert_allclose(found(2.0), expected, rtol=1e-5)


def test_backwards():
    def time(k):
        return twins.solve_ivp(lambda t, y: -k * y, (0, -3.0), [1.0], events=lambda t, y: y[0] - 2, **FINE).t_events[0][
            0
        ]

    np.testing.assert_allclose(time(1.3), -math.log(2) / 1.3, rtol=1e-9)
    for way in (derivative, grad):
        np.testing.assert_allclose(way(time)(1.3), math.log(2) / 1.3**2, rtol=1e-8)


def test_an_event_that_alone_depends_on_parameters():
    def reaches(level):
        def event(t, y):
            return y[0] - level

        event.terminal = True
        found = twins.solve_ivp(lambda t, y: y, (0, 5.0), [1.0], events=event, **FINE)
        return np.stack([found.t[-1], found.y[0, -1], found.t_events[0][0]])

    for way in (jacfwd, jacrev):
        np.testing.assert_allclose(way(reaches)(3.0), [1 / 3, 1, 1 / 3], rtol=1e-8)


def test_times_of_output_before_the_event():
    def path(p):
        found = flight(p, t_eval=np.linspace(0, 20, 41))
        return np.concatenate([found.y[1], found.t_events[1]])

    assert len(path(P)) < 10
    check_all(path, P, second=False)


def bounced(p):
    """Height of a ball at a time after it has bounced, losing speed: the events are where the branches of a program are."""
    height, loss = p
    fall = twins.solve_ivp(lambda t, s: np.stack([s[1], -9.81 + 0 * s[0]]), (0, 9.0), np.stack([height, 0 * height]),
                           events=ground, **FINE)  # fmt: skip
    up = np.stack([0 * loss, -loss * fall.y[1, -1]])
    rise = twins.solve_ivp(lambda t, s: np.stack([s[1], -9.81 + 0 * s[0]]), (fall.t[-1], 0.9), up, **FINE)
    return rise.y[0, -1]


def ground(t, s):
    return s[0]


ground.terminal = True


def test_a_ball_that_bounces():
    def exact(p):
        height, loss = p
        fallen = np.sqrt(2 * height / 9.81)
        rising = 0.9 - fallen
        return loss * 9.81 * fallen * rising - 9.81 / 2 * rising**2

    point = [2.0, 0.8]
    np.testing.assert_allclose(bounced(point), exact(point), rtol=1e-9)
    for way in (jacfwd, jacrev):
        np.testing.assert_allclose(way(bounced)(point), way(exact)(point), rtol=1e-7)
    np.testing.assert_allclose(hessian(bounced)(point), hessian(exact)(point), rtol=1e-6)


@pytest.mark.parametrize("event", [lambda t, y: 1.0 if y[0] > 0.5 else -1.0, lambda t, y: np.sign(y[0] - 0.5)])
def test_an_event_that_jumps(event):
    def time(k):
        return twins.solve_ivp(lambda t, y: -k * y, (0, 3.0), [1.0], events=event).t_events[0][0]

    for way in (derivative, grad):
        with pytest.raises(ConvergenceError, match="its function jumps"):
            way(time)(1.0)


def test_an_event_that_jumps_to_what_depends_on_parameters():
    def time(k):
        def event(t, y):
            return k * y[0] - 2 if y[0] < 0.5 else k * y[0] + 1  # zero nowhere: it jumps there, whatever k is

        return twins.solve_ivp(lambda t, y: -y, (0, 3.0), [1.0], events=event).t_events[0][0]

    np.testing.assert_allclose(time(1.0), np.log(2), rtol=1e-2)
    for way in (derivative, grad):
        with pytest.raises(ConvergenceError, match="its function jumps"):
            way(time)(1.0)


def test_events_at_short_times_and_long_ones():
    for unit in (1e-9, 1e9):

        def time(k, unit=unit):
            found = twins.solve_ivp(
                lambda t, y: -k * y / unit, (0, 3 * unit), [1.0], events=lambda t, y: y[0] - 0.5, **FINE
            )
            return found.t_events[0][0] / unit

        np.testing.assert_allclose(grad(time)(1.3), -math.log(2) / 1.3**2, rtol=1e-6)


def test_an_event_of_time_alone():
    def event(t, y):
        return t - 1

    def state(k):
        found = twins.solve_ivp(lambda t, y: -k * y, (0, 3.0), [1.0], events=event, **FINE)
        return np.stack([found.t_events[0][0] * k, found.y_events[0][0, 0]])

    np.testing.assert_allclose(jacfwd(state)(1.0), [1, -np.exp(-1)], rtol=1e-8)


def test_no_event():
    def never(t, y):
        return y[0] + 1

    def final(k):
        found = twins.solve_ivp(lambda t, y: -k * y, (0, 1.0), [1.0], events=[never], **FINE)
        assert len(found.t_events[0]) == len(found.y_events[0]) == 0
        return found.y[0, -1]

    np.testing.assert_allclose(grad(final)(0.5), -np.exp(-0.5), rtol=1e-8)


def decay(k, times, **options):
    return twins.solve_ivp(lambda t, y: -k * y, (0, 2.0), [1.0, 3.0], dense_output=True, **FINE | options).sol(times)


def test_solutions_at_any_time():
    times = np.array([1.5, 0.2, 2.0, 0.0, 1.5])
    for way in (jacfwd, jacrev):
        found = way(lambda k: decay(k, times))(0.7)
        np.testing.assert_allclose(found, [[1.0], [3.0]] * (-times * np.exp(-0.7 * times)), rtol=1e-7, atol=1e-12)
        found = way(lambda p: decay(p[0], p[1]))(np.array([0.7, 1.2]))
        np.testing.assert_allclose(found[0], np.array([-1.2, -0.7]) * np.exp(-0.7 * 1.2), rtol=1e-7)
        found = way(lambda t: decay(0.7, t))(times[:3])
        np.testing.assert_allclose(found[0], np.diag(-0.7 * np.exp(-0.7 * times[:3])), rtol=1e-7)
    check_all(lambda p: decay(p[0], p[1:]), [0.7, 0.4, 1.9])


def test_what_a_solution_at_any_time_has():
    def look(k):
        sol = twins.solve_ivp(lambda t, y: -k * y, (2.0, 0.0), [1.0], dense_output=True).sol
        assert (sol.t_min, sol.t_max) == (0.0, 2.0)
        assert sol.ts[0] == 2.0
        assert sol(1.0).shape == (1,)
        assert sol([1.0, 2.0]).shape == (1, 2)
        assert not hasattr(sol, "interpolants")
        with pytest.raises(InputError, match="from 0 to 2"):
            sol(2.1)
        return sol(0.5)[0]

    np.testing.assert_allclose(jacobian(look)(0.5), 1.5 * np.exp(0.75), rtol=1e-3)
