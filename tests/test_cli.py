import json
import re
import subprocess
import sys
from itertools import count

import numpy as np
import pytest

import dualnum
from dualnum import packing
from dualnum.cli import main

MODELS = """
import math
import numpy as np

def springs(x):
    return np.stack([np.sin(x[0]) * x[1], x[0] / x[1]])

def total(x):
    return np.sum(x**2)

def as_given(x):
    assert type(x) is not np.ndarray or (x.dtype == np.float64 and x.ndim == 1)
    return x

def talks(x):
    print("hello")
    return x * 2.0

def warns(x):
    return np.log(x)

def makes_objects(x):
    return np.sum(np.asarray(x) ** 2)

def fails(x):
    raise RuntimeError("first line\\nsecond line")

def fails_silently(x):
    raise RuntimeError

def real_only(x):
    return np.abs(x)

def leaves(x):
    raise SystemExit(3)

def loses(x):
    return math.sin(x[0])

def stranger(number):
    return 2.0 * number

def has_no_rule(x):
    return np.frompyfunc(stranger, 1, 1)(x).astype(float)

def two(x, y):
    return x + y

def gives_text(x):
    return "text"

def gives_pair(x):
    return x, 2 * x

def noisy(x):
    return x**2 + 1e-2 * np.trunc(1e6 * np.sin(1e9 * x)) / 1e6

def wrong(x):
    return x if isinstance(x, np.ndarray) else 2 * x

class Group:
    offset = 1.0

    @staticmethod
    def inner(x):
        return x + Group.offset
"""
NUMBERS = count()


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Name of a module in the current directory, which is like a user's."""
    name = f"models_of_a_user_{next(NUMBERS)}"
    (tmp_path / f"{name}.py").write_text(MODELS)
    (tmp_path / f"broken_{name}.py").write_text("import no_such_module_anywhere\n")
    (tmp_path / f"script_{name}.py").write_text("raise SystemExit('usage: script')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    return name


def at(*numbers):
    return ["--at", *map(str, numbers)]


def test_a_comparison_that_agrees(module, capsys):
    assert main(["check", f"{module}:springs", *at(0.5, 2.0)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert f"{module}:springs at [0.5 2. ]" in out
    assert re.search(r"value: \[0.958851077 0.25 *\]", out)
    assert "Jacobian, of shape (2, 2), by columns:" in out
    assert re.search(r"d f / d x\[0\]:  \[1.755165124 0.5 *\]", out)
    assert "2 columns: 2 agree" in out
    assert re.search(r"the function, once +[\d.]+ (us|ns|ms|s) +1 x", out)
    assert re.search(r"Jacobian by forward mode +[\d.]+ (us|ms|s) +[\d.e+]+ x", out)
    assert re.search(r"Jacobian by central differences +[\d.]+ (us|ms|s) +[\d.e+]+ x", out)


@pytest.mark.parametrize("method", ["central", "forward", "complex-step"])
def test_methods(module, method, capsys):
    assert main(["check", f"{module}:total", *at(1.0, 2.0), "--method", method]) == 0
    assert f"forward mode against {method} differences" in capsys.readouterr().out


def test_the_hessian(module, tmp_path, capsys):
    picture = tmp_path / "study.png"
    assert main(["check", f"{module}:springs", *at(0.5, 2.0), "--order", "2", "--step-study", str(picture)]) == 0
    out = capsys.readouterr().out
    assert "Hessian, of shape (2, 2, 2), by columns:" in out
    assert "d gradient / d x[1]:" in out
    assert "Hessian against central differences" in out
    assert re.search(r"reverse-over-reverse +[\d.e+-]+ +[\d.e+-]+ +[\d.e+-]+ s +agrees", out)
    assert re.search(r"the gradient, once +[\d.]+ (us|ns|ms|s) +1 x", out)
    assert picture.exists()
    assert main(["check", f"{module}:total", *at(0.5, 2.0), "--order", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["hessian"] == [[2.0, 0.0], [0.0, 2.0]]
    assert found["comparison"]["agrees"] is True
    assert "jacobian" not in found


def test_the_hessian_has_no_complex_steps(module, capsys):
    assert main(["check", f"{module}:total", *at(1.0), "--order", "2", "--method", "complex-step"]) == 2
    assert "must be one of 'central', 'forward', 'scipy'" in capsys.readouterr().err


def test_the_function_gets_a_vector(module):
    assert main(["check", f"{module}:as_given", *at(3)]) == 0


def test_functions_inside_of_classes(module, capsys):
    assert main(["check", f"{module}:Group.inner", *at(3)]) == 0
    assert "value: [4.]" in capsys.readouterr().out


def test_a_comparison_that_differs(module, capsys):
    assert main(["check", f"{module}:wrong", *at(1.0, 2.0)]) == 1
    assert "2 columns: 2 differ" in capsys.readouterr().out


def test_noise_is_no_agreement(module, capsys):
    assert main(["check", f"{module}:noisy", *at(0.8)]) == 1
    assert "too noisy to tell" in capsys.readouterr().out


def test_a_tolerance(module):
    assert main(["check", f"{module}:wrong", *at(1.0, 2.0), "--rtol", "0.5"]) == 0


def test_many_columns_are_shortened(module, capsys):
    assert main(["check", f"{module}:springs", *at(*range(1, 31))]) == 0
    out = capsys.readouterr().out
    shown = re.findall(r"d f / d x\[(\d+)\]", out)
    assert shown == ["0", "1", "2", "3", "4", "5", "6", "29"]
    assert "  ...\n  d f / d x[29]" in out


@pytest.mark.parametrize("text", ["-1e-3", "-.5", "-2", "1e3", "+4", "-1E+2", "-1_0"])
def test_numbers_of_all_kinds(module, text, capsys):
    assert main(["check", f"{module}:total", "--at", text, "-3.5", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["x"] == [float(text), -3.5]


def test_options_may_follow_or_precede_the_point(module, capsys):
    assert main(["check", "--json", "--at", "-1e-3", "2", "--rtol", "1e-6", "--", f"{module}:total"]) == 0
    assert json.loads(capsys.readouterr().out)["comparison"]["rtol"] == 1e-6


def test_json(module, capsys):
    assert main(["check", f"{module}:springs", *at(0.5, 2.0), "--json"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert err == ""
    assert set(found) == {"function", "x", "value", "jacobian", "comparison", "step_study", "object_arrays"}
    assert found["function"] == f"{module}:springs"
    np.testing.assert_allclose(found["jacobian"], [[2 * np.cos(0.5), np.sin(0.5)], [0.5, -0.125]])
    assert found["comparison"]["agrees"] is True
    assert found["step_study"] is None


def test_json_is_alone_on_stdout(module, capsys):
    assert main(["check", f"{module}:talks", *at(1.0), "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["value"] == [2.0]
    assert "hello" in err


def test_json_of_what_is_not_finite(module, capsys):
    with np.errstate(all="ignore"):
        assert main(["check", f"{module}:warns", *at(0.0, 1.0), "--json"]) == 1
    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert found["value"] == ["-inf", 0.0]


def test_warnings_of_the_function_stay_warnings(module):
    with pytest.warns(RuntimeWarning, match="invalid value"), np.errstate(invalid="warn"):
        main(["check", f"{module}:warns", *at(-1.0)])


def test_object_arrays_are_noted(module, monkeypatch, capsys):
    monkeypatch.setattr(packing, "_warned", False)
    assert main(["check", f"{module}:makes_objects", *at(1.0, 2.0)]) == 0
    out, err = capsys.readouterr()
    assert "note: the function puts its argument into np.asarray" in out
    assert err == ""


def test_the_step_study(module, tmp_path, capsys):
    assert main(["check", f"{module}:springs", *at(0.5, 2.0), "--step-study", "study.png"]) == 0
    assert (tmp_path / "study.png").read_bytes().startswith(b"\x89PNG")
    out = capsys.readouterr().out
    assert "drawn in study.png" in out
    assert "best central" in out


def test_the_step_study_in_json(module, capsys):
    assert main(["check", f"{module}:springs", *at(0.5, 2.0), "--step-study", "study.svg", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)["step_study"]["best"]) == {"forward", "central", "complex-step"}


def refused(argv, capsys):
    """The one line that bad input is answered with."""
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1 and err.endswith("\n")
    assert err.startswith("dualnum check: error: ")
    return err


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("{}:fails", "{}:fails raised RuntimeError: first line second line"),
        ("{}:fails_silently", "raised RuntimeError\n"),
        ("{}:leaves", "raised SystemExit: 3"),
        ("{}:two", "must take one vector, but its signature is (x, y)"),
        ("{}:MODELS", "has no MODELS"),
        ("{}:spring", "has no spring; did you mean springs?"),
        ("{}:Group.iner", "did you mean inner?"),
        ("{}:Group.offset", "is not a function, but of type float"),
        ("{}:gives_text", "must return a number or an array of numbers"),
        ("{}:gives_pair", "tuple of arrays"),
        ("{}:loses", "np.sin"),
        ("{}:has_no_rule", "stranger"),
        ("broken_{}:f", "cannot import broken_{}: ModuleNotFoundError: No module named 'no_such_module_anywhere'"),
        ("script_{}:f", "cannot import script_{}: SystemExit: usage: script"),
        ("no_such_{}:f", "No module named 'no_such_{}'"),
        ("{}", "must have the form MODULE:FUNCTION"),
        ("{}:", "must have the form MODULE:FUNCTION"),
        (":f", "must have the form MODULE:FUNCTION"),
    ],
)
def test_a_bad_function_gets_one_line(module, function, message, capsys):
    assert message.format(module) in refused(["check", function.format(module), *at(0.5, 2.0)], capsys)


def test_a_method_that_does_not_fit_gets_one_line(module, capsys):
    argv = ["check", f"{module}:real_only", *at(0.5), "--method", "complex-step"]
    assert "real_only: the complex step cannot be used" in refused(argv, capsys)


def test_a_picture_that_cannot_be_written_gets_one_line(module, capsys):
    argv = ["check", f"{module}:springs", *at(0.5, 2.0), "--step-study"]
    assert "cannot write no/such/folder.png" in refused([*argv, "no/such/folder.png"], capsys)
    assert "cannot write picture.abc" in refused([*argv, "picture.abc"], capsys)


def test_a_picture_needs_matplotlib(module, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    argv = ["check", f"{module}:springs", *at(0.5, 2.0), "--step-study", "study.png"]
    assert "install dualnum with the extra 'plot'" in refused(argv, capsys)


def test_the_traceback_is_shown_on_demand(module, capsys):
    assert main(["check", f"{module}:fails", *at(1.0), "--traceback"]) == 2
    err = capsys.readouterr().err
    assert "in fails" in err
    assert err.splitlines()[-1].startswith("dualnum check: error: ")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["m:f", "--at", "1", "nan"], "the point must be finite, not nan"),
        (["m:f", "--at", "-inf"], "the point must be finite, not -inf"),
        (["m:f", "--at", "1", "two"], "'two' is not a number"),
        (["m:f", "--at"], "expected at least one argument"),
        (["m:f"], "--at"),
        (["--at", "1"], "MODULE:FUNCTION"),
        (["m:f", "--at", "1", "--method", "magic"], "invalid choice: 'magic'"),
        (["m:f", "--at", "1", "--rtol", "-1e-3"], "a tolerance cannot be negative, as -1e-3 is"),
        (["m:f", "--at", "1", "--unknown"], "--unknown"),
    ],
)
def test_bad_arguments_get_one_line(argv, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["check", *argv])
    err = capsys.readouterr().err
    assert stopped.value.code == 2
    assert message in err
    assert err.count("\n") == 1


def test_version(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"dualnum {dualnum.__version__}\n"


def test_help_tells_the_exit_codes(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["check", "--help"])
    assert stopped.value.code == 0
    out = capsys.readouterr().out
    assert "1  some column differs, or the differences are too noisy to tell" in out


def test_python_m_dualnum():
    command = [sys.executable, "-m", "dualnum", "check", "scipy.optimize:rosen", *at(1.3, 0.7, 0.8, 1.9, 1.2), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.stderr == ""
    assert done.returncode == 0
    found = json.loads(done.stdout)
    np.testing.assert_allclose(found["jacobian"], [515.4, -285.4, -341.6, 2085.4, -482.0], rtol=1e-13)
    assert found["object_arrays"] is True
