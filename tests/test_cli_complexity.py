"""The command line of the studies of cost."""

import io
import json
import sys
from functools import partial

import pytest

from dualnum import complexity, packing
from dualnum.cli import main
from dualnum.complexity import study
from dualnum.errors import MissingExtraError


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    """The standard study, but small; in a directory of its own."""
    monkeypatch.setattr(
        complexity, "scaling_study", partial(complexity.scaling_study, largest=64, width=16, depth=4), raising=False
    )
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def interrupted(monkeypatch):
    """Ctrl-C at the fourth measurement."""
    measure = study.measure
    calls = []

    def measure_three(*args, **kwargs):
        calls.append(args)
        if len(calls) > 3:
            raise KeyboardInterrupt
        return measure(*args, **kwargs)

    monkeypatch.setattr(study, "measure", measure_three)


def test_a_chain(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    assert main(["complexity", "--dims", "10", "3", "1", "--repeat", "2", "--output", "here/and there"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith("10 -> 3 -> 1\nforward  30 multiplications  from the right\n")
    assert "reverse mode" in out and out.endswith("written: here/and there/study.json here/and there/chain.png\n")
    directory = tmp_path / "here" / "and there"
    written = json.loads((directory / "study.json").read_text())
    assert written["theory"]["forward"] == written["theory"]["reverse"] == 30
    assert [len(run["times"]) for run in written["runs"]] == [2] * 6
    assert (directory / "chain.png").read_bytes().startswith(b"\x89PNG")


def test_an_interruption_leaves_what_was_measured(interrupted, tmp_path, capsys):
    assert main(["complexity"]) == 130
    out, err = capsys.readouterr()
    assert "forward mode" in out and "written: complexity/study.json" in out
    assert err == "dualnum complexity: interrupted: this is what was measured until then\n"
    written = json.loads((tmp_path / "complexity" / "study.json").read_text())
    assert len(written["runs"]) == 3 and not written["complete"]


def test_the_function_of_a_user(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    (tmp_path / "models_with_costs.py").write_text(
        "import numpy as np\n\ndef total(x):\n    print('!')\n    return np.sum(x**2)\n"
    )
    assert main(["complexity", "models_with_costs:total", "--at", "1", "-2e-1", "3", "--repeat", "1"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("Jacobian of total: n = 3 inputs, m = 1 outputs\n")
    assert out.endswith("written: complexity/modes.json complexity/modes.png\n")
    assert "!" not in out and set(err) == {"!", "\n"}  # what the function prints is no result
    assert json.loads((tmp_path / "complexity" / "modes.json").read_text())["inputs"] == 3
    assert (tmp_path / "complexity" / "modes.png").read_bytes().startswith(b"\x89PNG")


def test_a_function_with_object_arrays(monkeypatch, capsys):
    monkeypatch.setattr(packing, "_warned", False)
    assert main(["complexity", "scipy.optimize:rosen", "--at", "1", "2", "--repeat", "1"]) == 0
    out, err = capsys.readouterr()
    assert err == "" and "makes object arrays of Duals" in out


def test_a_terminal_shows_the_progress(interrupted, monkeypatch):
    pytest.importorskip("tqdm")
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert main(["complexity"]) == 130
    assert "measuring:" in sys.stderr.getvalue()


def test_without_matplotlib_there_are_numbers(monkeypatch, tmp_path, capsys):
    def missing(*args, **kwargs):
        raise MissingExtraError("plots need matplotlib")

    monkeypatch.setattr("dualnum.complexity.figures.new_figure", missing)
    assert main(["complexity", "--dims", "3", "2", "--repeat", "1"]) == 0
    out, err = capsys.readouterr()
    assert err == "dualnum complexity: no figures: plots need matplotlib\n"
    assert out.endswith("written: complexity/study.json\n")
    assert (tmp_path / "complexity" / "study.json").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dims", "3"], "at least two dimensions"),
        (["--dims", "3", "0"], "'0' is not a positive integer"),
        (["--dims", "3", "-2"], "'-2' is not a positive integer"),
        (["--dims", "3", "x"], "'x' is not a positive integer"),
        (["--repeat", "0"], "'0' is not a positive integer"),
        (["--output", "occupied"], "cannot write to occupied"),
        (["scipy.optimize:rosen"], "belong together"),
        (["--at", "1"], "belong together"),
        (["scipy.optimize:rosen", "--at", "1", "2", "--dims", "3", "2"], "either MODULE:FUNCTION or --dims"),
        (["scipy.optimize:rose", "--at", "1", "2"], "did you mean rosen?"),
        (["math:sin", "--at", "1", "2"], "math:sin raised TypeError"),
        (["math:sin", "--at", "nan"], "must be finite"),
    ],
)
def test_bad_input(arguments, message, tmp_path, capsys):
    (tmp_path / "occupied").write_text("a file")
    try:
        code = main(["complexity", *arguments])
    except SystemExit as stopped:
        code = stopped.code
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("dualnum complexity: error:") and message in err
    assert not (tmp_path / "complexity" / "modes.json").exists()
