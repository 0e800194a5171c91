"""Every line of the tables in docs/conventions.md, evaluated: what the page promises is what the rows give."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from dualnum import DualnumError, jacobian, jvp, vjp
from dualnum.scipy import interpolate

PAGE = Path(__file__).parent.parent / "docs" / "conventions.md"
NAMES = {"np": np, "inf": np.inf, "nan": np.nan, "interpolate": interpolate}


def lines_of(text):
    """Expression, point and derivative of each line of the tables that have these columns."""
    for table in re.findall(r"\| expression \|.*\n\|[-| ]+\|\n((?:\|.*\n)+)", text):
        for line in table.splitlines():
            expression, point, derivative = (cell.strip().strip("`") for cell in line.strip("| ").split(" | ")[:3])
            yield expression, point, derivative


LINES = list(lines_of(PAGE.read_text(encoding="utf-8")))


def derivative_of(expression, x, mode):
    """Jacobian of an expression in x; at a complex point, the derivative along the real axis."""
    function = eval(f"lambda x: {expression}", dict(NAMES))
    if not np.iscomplexobj(x):
        return jacobian(function, mode=mode)(x)
    if mode == "forward":
        return jvp(function, (x,), (np.ones_like(x),))[1]
    return np.sum(np.real(vjp(function, x)[1](1.0)[0]))


def check(expression, point, derivative, mode="forward"):
    x = np.asarray(eval(point, dict(NAMES)))[()]
    with np.errstate(all="ignore"):
        if derivative == "refused":
            with pytest.raises(DualnumError):
                derivative_of(expression, x, mode)
            return
        result = np.asarray(derivative_of(expression, x, mode))
    expected = np.asarray(eval(derivative, dict(NAMES)), float)
    assert result.shape == expected.shape
    assert np.allclose(result, expected, rtol=1e-14, atol=1e-15, equal_nan=True), result


@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated")
@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line[0]} at {line[1]}")
def test_line(line, mode):
    check(*line, mode)


def test_all_lines_are_read_and_each_is_there_once():
    marked = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(("| `np.", "| `interpolate."))
    ]
    assert len(LINES) == len(marked) > 100
    assert len(set(LINES)) == len(LINES)


@pytest.mark.parametrize(
    "line",
    [
        ("np.absolute(x)", "0.0", "1"),
        ("np.absolute(x)", "0.0", "[0]"),
        ("np.absolute(x)", "0.0", "refused"),
        ("np.sqrt(x)", "0.0", "nan"),
    ],
)
def test_a_wrong_line_is_found(line):
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        check(*line)
