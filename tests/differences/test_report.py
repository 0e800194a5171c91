import json
import sys

import numpy as np
import pytest

from dualnum.differences import check_jacobian
from dualnum.errors import MissingExtraError

X = np.array([0.4, 1.7, 0.9])


def test_the_table_names_columns_and_entries():
    wrong = np.diag(2 * X)
    wrong[0, 1] = 7.0
    text = str(check_jacobian(np.square, X, jac=wrong))
    lines = text.splitlines()
    assert lines[0].startswith("jac against central differences")
    assert [line.split()[0] for line in lines[1:5]] == ["column", "x[0]", "x[1]", "x[2]"]
    assert "differs" in lines[3] and "f[0]" in lines[3] and "7" in lines[3].split()
    assert lines[-1] == "3 columns: 2 agree, 1 differs"


def test_scalars_have_no_index_in_the_table():
    line = str(check_jacobian(np.sin, 1.0)).splitlines()[2]
    assert line.split()[0] == "x"
    assert line.split()[4] == "f"


def test_the_table_shows_the_worst_of_many_columns():
    wrong = np.eye(40)
    wrong[37, 37] = 2.0
    report = check_jacobian(lambda x: x * 1.0, np.linspace(1, 2, 40), jac=wrong)
    text = repr(report)
    assert "x[37]" in text
    assert "... and 28 more, at worst: agrees" in text
    assert len(text.splitlines()) < 20


def test_the_dictionary_is_json():
    def f(x):
        return np.stack([np.exp(1j * x), x + 0j])

    report = check_jacobian(f, 1.0, jac=[1j * np.exp(1j), np.inf])
    assert json.loads(json.dumps(report.to_dict(), allow_nan=False))["columns"][0] == {
        "index": [],
        "verdict": "differs",
        "entry": [1],
        "derivative": {"real": "inf", "imag": 0.0},
        "estimate": {"real": pytest.approx(1.0), "imag": 0.0},
        "difference": "inf",
        "error": pytest.approx(0.0, abs=1e-10),
    }
    assert report.to_dict()["agrees"] is False


def test_plot(tmp_path):
    wrong = np.diag(2 * X)
    wrong[0, 0], wrong[0, 1] = np.nan, 7.0
    report = check_jacobian(np.square, X, jac=wrong)
    ax = report.plot(tmp_path / "report.png")
    assert (tmp_path / "report.png").read_bytes().startswith(b"\x89PNG")
    assert [text.get_text() for text in ax.get_legend().get_texts()][1:] == ["agrees", "differs"]
    drawn = np.concatenate([line.get_ydata() for line in ax.get_lines()])
    assert np.all(np.isfinite(drawn)) and np.all(drawn > 0)
    assert report.plot(ax=ax) is ax


def test_plot_without_columns(tmp_path):
    check_jacobian(lambda x: np.ones(2), []).plot(tmp_path / "report.svg")
    assert (tmp_path / "report.svg").exists()


def test_plot_on_screen_belongs_to_pyplot():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("agg")
    ax = check_jacobian(np.sin, 1.0).plot()
    assert ax.figure.number in pyplot.get_fignums()
    pyplot.close(ax.figure)


def test_plots_need_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match="matplotlib"):
        check_jacobian(np.sin, 1.0).plot("never.png")
