"""check_hessian tells right Hessians from wrong ones: by differences of the gradient, by other modes, by symmetry."""

import json

import numpy as np
import pytest
from scipy.optimize import rosen_hess

from dualnum import InputError, ShapeError, check_hessian, custom_jvp
from dualnum.differences import second_order
from dualnum.differences.report import Verdict
from dualnum.hessians import HESSIAN_MODES, hessian

X = np.array([1.3, 0.7, -0.4])


def rosen(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def test_all_agrees():
    report = check_hessian(rosen, X)
    assert report
    assert report.verdict is Verdict.AGREES
    assert [mode.mode for mode in report.modes] == list(HESSIAN_MODES)
    assert all(mode.deviation < 1e-14 and mode.asymmetry < 1e-14 and mode.seconds > 0 for mode in report.modes)
    assert report.summary() == "3 columns: 3 agree; all 4 modes agree"
    assert "Hessian against central differences" in str(report)
    assert "calls of the gradient" in str(report)
    assert "gradient[1]" in str(report)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: np.sin(x) ** 3, 0.7),
        (lambda x: np.outer(np.sin(x), x**2), np.array([0.5, 2.0])),
        (lambda x: np.sum(x[0] ** 3 * x[1, 0]), np.arange(1.0, 5.0).reshape(2, 2)),
        (lambda x: [x[0] * x[1], 3.0], [0.5, 2.0]),
        (lambda x: 2.0 * np.sum(x), np.zeros((0,))),
        (lambda x: np.float32(1.0) * x[0] ** 2 * x[1], [1, 2]),
    ],
    ids=["scalar", "matrix of results", "matrix of inputs", "list", "nothing", "integers"],
)
@pytest.mark.parametrize("method", ["central", "forward"])
def test_shapes(f, x, method):
    report = check_hessian(f, x, method=method)
    assert report, str(report)
    assert report.differences.input_shape == np.shape(x)
    assert report.differences.method == method


def test_a_hessian_of_ones_own():
    assert check_hessian(rosen, X, hess=rosen_hess)
    wrong = rosen_hess(X)
    wrong[0, 1] *= 1 + 1e-6
    report = check_hessian(rosen, X, hess=wrong)
    assert not report
    assert [column.verdict.name for column in report.differences.columns] == ["AGREES", "DIFFERS", "AGREES"]
    assert all(mode.verdict is Verdict.DIFFERS for mode in report.modes)
    assert "hess against central" in str(report)
    with pytest.raises(ShapeError, match=r"\(2, 2\), but f\(x\).shape \+ x.shape \+ x.shape is \(3, 3\)"):
        check_hessian(rosen, X, hess=np.eye(2))


def test_a_mode_that_differs_is_found(monkeypatch):
    def with_a_fault(f, mode):
        return lambda x: hessian(f, mode=mode)(x) * (1 + 1e-9 * (mode == "reverse-over-reverse"))

    monkeypatch.setattr(second_order, "hessian", with_a_fault)
    report = check_hessian(rosen, X)
    assert not report
    assert report.differences
    assert report.summary().endswith("; differ: reverse-over-reverse")
    (mode,) = (mode for mode in report.modes if mode.verdict is not Verdict.AGREES)
    assert mode.deviation == pytest.approx(1e-9, rel=1e-3)
    assert check_hessian(rosen, X, mode_rtol=1e-8)


def test_a_rule_without_symmetry_is_found():
    @custom_jvp
    def f(x):
        return x[0] ** 2 * x[1]

    @f.defjvp
    def rule(primals, tangents):
        (x,), (x_dot,) = primals, tangents
        return f(x), 2 * x[0] * x[1] * x_dot[0] + 3 * x[0] * x_dot[1]  # should be x[0] ** 2

    report = check_hessian(f, [0.5, 2.0], modes="forward-over-forward")
    (mode,) = report.modes
    assert not report
    assert report.differences  # which see nothing: the gradient is that of the rule
    assert mode.asymmetry == pytest.approx((3 - 1) / 4)


def test_an_error_of_a_mode_is_told(monkeypatch):
    def refusing(f, mode):
        def refuse(x):
            raise InputError("not this one")

        return refuse if mode == "hyperdual" else hessian(f, mode=mode)

    monkeypatch.setattr(second_order, "hessian", refusing)
    report = check_hessian(rosen, X)
    assert not report
    assert report.modes[0].note == "InputError: not this one"
    assert "hyperdual: InputError: not this one" in str(report)
    with pytest.raises(InputError, match="every mode failed; hyperdual: InputError: not this one"):
        check_hessian(rosen, X, modes=["hyperdual"])


def test_nan_is_not_agreement():
    report = check_hessian(lambda x: np.where(x > 5, x, np.nan) ** 2 * x, 1.0)
    assert not report


def test_bad_options():
    with pytest.raises(InputError, match="modes must be some of 'hyperdual'"):
        check_hessian(rosen, X, modes=["hyperdual", "sideways"])
    with pytest.raises(InputError, match="'complex-step'; it must be one of 'central', 'forward', 'scipy'"):
        check_hessian(rosen, X, method="complex-step")
    with pytest.raises(InputError, match="must be finite"):
        check_hessian(rosen, [np.nan, 1.0])


def test_dict_and_plot(tmp_path):
    pytest.importorskip("matplotlib")
    report = check_hessian(rosen, X)
    found = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert found["agrees"] is True
    assert found["differences"]["subject"] == "gradient"
    assert [mode["mode"] for mode in found["modes"]] == list(HESSIAN_MODES)
    assert "Hessian" in report.plot(tmp_path / "hessian.png").get_ylabel()
    assert (tmp_path / "hessian.png").exists()
