"""The lecture: the script walks through the chapter in its order, and would stop where a formula is wrong."""

from __future__ import annotations

import sys

import pytest

from tests.examples.scripts import EXAMPLES, run_script

sys.path.insert(0, str(EXAMPLES))

import lecture


def test_values_that_differ_are_an_error():
    with pytest.raises(AssertionError):
        lecture.show({"a formula": 1.0, "another": 1.0 + 1e-11})


def test_the_script_walks_through_the_chapter_and_saves_the_picture(tmp_path):
    pytest.importorskip("matplotlib")
    printed, picture = run_script("lecture.py", tmp_path)
    lines = printed.splitlines()
    headings = [line[0] for line in lines if line[:1].isdigit() and line[1:2] == "."]
    assert headings == list("12345678")
    # By hand: x_6 = (x_1 x_2 + sin(x_1)) x_1 x_2 at (2, 0.8) has the adjoint 2 x_3 + sin(2) at x_3.
    adjoints = next(line for line in lines if "by the tape" in line).partition("[")[2].rstrip("]").split()
    assert float(adjoints[2]) == pytest.approx(4.109297427)
    assert picture.startswith(b"\x89PNG")
