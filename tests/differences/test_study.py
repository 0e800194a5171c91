import json

import numpy as np
import pytest

from dualnum.differences import step_size_study
from dualnum.errors import InputError, ShapeError


def squire_trapp(x):
    """The classic example of the complex step."""
    return np.exp(x) / (np.cos(x) ** 3 + np.sin(x) ** 3)


def test_errors_fall_with_the_truncation_and_rise_with_round_off():
    study = step_size_study(squire_trapp, 1.5)
    forward, central = study.errors["forward"], study.errors["central"]
    assert study.steps.shape == forward.shape == central.shape == (65,)
    best = study.best
    assert 1e-10 < best["forward"][0] < 1e-6 and best["forward"][1] < 1e-6
    assert 1e-8 < best["central"][0] < 1e-4 and best["central"][1] < 1e-9
    for errors in (forward, central):
        assert errors[0] > 1e-3 and errors[-1] > 1e-3


def test_truncation_has_its_order():
    study = step_size_study(squire_trapp, 1.5, steps=[1e-4, 1e-3])
    assert study.errors["forward"][1] / study.errors["forward"][0] == pytest.approx(10, rel=0.05)
    assert study.errors["central"][1] / study.errors["central"][0] == pytest.approx(100, rel=0.05)
    assert study.errors["complex-step"][1] / study.errors["complex-step"][0] == pytest.approx(100, rel=0.05)


def test_the_complex_step_has_no_round_off():
    study = step_size_study(squire_trapp, 1.5)
    assert np.all(study.errors["complex-step"][study.steps < 1e-9] < 1e-14)
    assert study.without_complex_step == ""


def test_a_function_that_is_not_analytic_has_no_complex_step():
    study = step_size_study(lambda x: np.abs(x) ** 1.5, 1.5)
    assert set(study.errors) == {"forward", "central"}
    assert "imaginary parts" in study.without_complex_step
    assert "no complex step" in str(study)


def test_directions_and_shapes():
    def f(x):
        return np.stack([x[0, 0] * x[1, 1], x[0, 1] ** 2])

    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    study = step_size_study(f, x, direction=[[1, 0], [0, 2]])
    np.testing.assert_allclose(study.reference, [4.0 + 2.0, 0.0])
    assert study.best["central"][1] < 1e-9
    np.testing.assert_allclose(step_size_study(f, x).reference, [1.0 + 4.0, 4.0])


def test_a_derivative_of_zero_has_absolute_errors():
    study = step_size_study(lambda x: 3.0 * x**2, 0.0, steps=[1e-3])
    assert study.errors["forward"][0] == pytest.approx(3e-3)
    assert study.errors["central"][0] == 0.0


def test_steps_out_of_the_domain_are_nan():
    study = step_size_study(np.log, 0.1, steps=[1e-5, 0.5])
    assert np.isnan(study.errors["central"][1])
    assert np.isfinite(study.errors["forward"][1])
    assert study.best["central"][0] == 1e-5
    assert json.loads(json.dumps(study.to_dict(), allow_nan=False))["errors"]["central"][1] == "nan"


def test_the_table_has_a_row_per_decade_and_the_best_steps():
    lines = str(step_size_study(squire_trapp, 1.5)).splitlines()
    assert lines[0].split() == ["step", "forward", "central", "complex-step"]
    assert [float(line.split()[0]) for line in lines[1:18]] == [10.0**k for k in range(-16, 1)]
    assert [line.split(":")[0] for line in lines[18:]] == ["best forward", "best central", "best complex-step"]


def test_plot(tmp_path):
    ax = step_size_study(np.sin, 1.0).plot(tmp_path / "study.png")
    assert (tmp_path / "study.png").read_bytes().startswith(b"\x89PNG")
    assert ax.get_xscale() == ax.get_yscale() == "log"
    assert len(ax.get_lines()) == 3
    assert all(np.all(line.get_ydata() > 0) for line in ax.get_lines())


@pytest.mark.parametrize("steps", [[0.0], [-1e-3], [[1e-3]], [np.nan]])
def test_steps_that_are_none(steps):
    with pytest.raises(InputError):
        step_size_study(np.sin, 1.0, steps=steps)


def test_a_direction_of_another_shape_is_refused():
    with pytest.raises(ShapeError, match=r"\(3,\), but x has \(2,\)"):
        step_size_study(np.sum, [1.0, 2.0], direction=[1.0, 0.0, 0.0])
