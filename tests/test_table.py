"""What is loaded when."""

import subprocess
import sys

import pytest

import dualnum
import dualnum.scipy
from dualnum.table import Constant, Table


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def test_what_few_programs_need_is_loaded_when_they_do():
    code = """
import sys, numpy as np, dualnum

def loaded():
    print(*("dualnum.rules.linalg" in sys.modules, "dualnum.rules.special" in sys.modules, "scipy" in sys.modules,
            "dualnum.differences" in sys.modules))

x = dualnum.Dual(np.eye(2), np.ones((2, 2)))
np.concatenate([x * x, np.exp(x)]).sum()
loaded()
np.linalg.det(x)
loaded()
import scipy.special
scipy.special.gamma(x + 1)
loaded()
dualnum.check_jacobian
loaded()
"""
    assert (
        run(code)
        == """
        False False False False
        True False False False
        True True True False
        True True True True
    """.split()
    )


def test_late_names_are_public():
    assert set(dualnum.__all__) <= set(dir(dualnum))
    assert all(hasattr(dualnum, name) for name in dualnum.__all__)
    with pytest.raises(AttributeError, match="nonsense"):
        dualnum.nonsense  # noqa: B018


def test_threads_that_meet_at_a_late_module_all_get_the_row():
    code = """
import threading, numpy as np, dualnum

barrier, found = threading.Barrier(8), []

def look_up():
    barrier.wait()
    found.append(np.linalg.det(dualnum.Dual(np.eye(2), np.eye(2))).tangent)

threads = [threading.Thread(target=look_up) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(*found)
"""
    assert run(code) == ["2.0"] * 8


def test_late_modules_are_loaded_in_turn(monkeypatch):
    table, asked = Table(), []

    def load(name):
        asked.append(name)
        table[name] = Constant(function=name)

    monkeypatch.setattr("dualnum.table.import_module", load)
    table.late += ["one", "two", "three"]
    assert table["two"].function == "two"
    assert asked == ["one", "two"]
    assert table["four"] is None
    assert asked == ["one", "two", "three"]
    assert table.late == []


def test_twins_of_scipys_modules_are_loaded_when_asked_for():
    code = """
import sys, dualnum.scipy
print("dualnum.scipy.optimize" in sys.modules, dualnum.scipy.optimize.brentq.__name__, dir(dualnum.scipy) == dualnum.scipy.__all__)
"""
    assert run(code) == ["False", "brentq", "True"]
    with pytest.raises(AttributeError, match="cluster"):
        dualnum.scipy.cluster  # noqa: B018
