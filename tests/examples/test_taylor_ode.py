"""The orbit by Taylor series: the script runs, and its errors are what its page says."""

import pytest

from tests.examples.scripts import run_script


def test_the_script_compares_errors_and_saves_the_picture(tmp_path):
    pytest.importorskip("matplotlib")
    printed, picture = run_script("taylor_ode.py", tmp_path)
    rows = [line.rsplit(maxsplit=4) for line in printed.splitlines()[1:-1]]
    final = {name: (int(steps), float(error)) for name, tolerance, steps, error, _ in rows if tolerance == "1e-14"}
    assert [*final] == ["RK45", "DOP853", "Taylor, order 20"]
    steps, error = final.pop("Taylor, order 20")
    assert error < 1e-11
    assert all(steps < other_steps / 3 and error < other_error for other_steps, other_error in final.values())
    assert picture.startswith(b"\x89PNG")
