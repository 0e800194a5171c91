"""The tape of a network: the script runs, and prints what it draws."""

import pytest

from tests.examples.scripts import run_script


def test_the_script_prints_the_tape_and_saves_the_picture(tmp_path):
    pytest.importorskip("matplotlib")
    printed, picture = run_script("tape.py", tmp_path)
    lines = printed.splitlines()
    assert [line.split()[0] for line in lines[1:7]] == ["W1", "b1", "W2", "b2", "W3", "b3"]
    assert lines[19].startswith("18 instructions, ")
    assert "the adjoints of all variables are the gradient" in printed
    assert picture.startswith(b"\x89PNG")
