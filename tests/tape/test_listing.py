"""A tape prints as the list of its instructions."""

import dataclasses

import numpy as np
import pytest

from dualnum import Dual, Tape
from dualnum.errors import InputError
from dualnum.tape import Instruction


def recorded(f, *values, **kwargs):
    with Tape() as tape:
        f(*(tape.variable(value) for value in values), **kwargs)
    return tape


def held(f, *values):
    return sum(instruction.nbytes for instruction in recorded(f, *values))


def test_listing():
    rng = np.random.default_rng(0)
    with Tape() as tape:
        W, b = tape.variable(rng.normal(size=(20, 10)), name="W"), tape.variable(np.zeros(10), name="b")
        y = np.mean(np.tanh(np.dot(rng.normal(size=(5, 20)), W) + b))
    assert repr(tape) == str(tape)
    assert str(tape).splitlines() == [
        "name  operation  inputs  shape     dtype    bytes held",
        "W     variable           (20, 10)  float64           0",
        "b     variable           (10,)     float64           0",
        "x1    dot        W       (5, 10)   float64         800",
        "x2    add        x1, b   (5, 10)   float64           0",
        "x3    tanh       x2      (5, 10)   float64         400",
        "x4    mean       x3      ()        float64           0",
        "6 instructions, 1,200 bytes of arrays held for the backward pass",
    ]
    tape.backward(y, retain=True)
    assert "1,200 bytes" in str(tape)
    tape.backward(y)
    assert str(tape).endswith("\n6 instructions, 0 bytes of arrays held for the backward pass")


def test_instructions():
    tape = recorded(lambda x: np.sum(x * x), np.ones((2, 3), np.float32))
    multiply = Instruction("x2", "multiply", ("x1", "x1"), (2, 3), np.dtype(np.float32), 24)
    assert tape.instructions[1] == multiply
    assert len(tape) == 3
    assert list(tape) == list(tape.instructions)
    with pytest.raises(dataclasses.FrozenInstanceError):
        multiply.name = "y"


def test_an_empty_tape():
    with Tape() as tape:
        pass
    assert len(tape) == 0
    assert str(tape).splitlines()[1:] == ["0 instructions, 0 bytes of arrays held for the backward pass"]


def test_operations_outside_of_numpy_have_their_module():
    from scipy import special

    assert recorded(special.erf, 1.0).instructions[1].operation == "scipy.special.erf"


def test_memory_of_several_instructions_counts_at_the_first():
    tape = recorded(lambda x: (np.sinh(x), np.cosh(x), np.exp(x)), np.ones(10))
    assert [instruction.nbytes for instruction in tape] == [0, 80, 0, 80]


def test_a_view_holds_all_of_its_memory_once():
    assert held(lambda x: np.sinh(x[:2]) + np.sinh(x[2:4]), np.ones(100)) == 800


def test_stand_ins_hold_nothing():
    assert held(lambda x: np.dot(x, np.ones((100, 2))), np.ones(100)) == 1600  # the matrix, but not x
    assert held(lambda x: np.reshape(x, (10, 10)), np.ones(100)) == 0


def test_the_memory_of_a_push_counts():
    a = np.eye(3) + 1.0
    assert held(lambda x: np.linalg.solve(a, x), np.ones(3)) >= a.nbytes


def test_saved_numbers_of_another_level_count_with_their_tangents():
    x = Dual(np.ones(3), np.ones((2, 3)))
    assert held(np.sinh, x) == 24 + 48


def test_parts_of_several_results():
    with Tape() as tape:
        x = tape.variable(np.diag([1.0, 2.0]), name="A")
        values, vectors = np.linalg.eigh(x)
        y = np.sum(vectors * values)
    before = tape.instructions[1:4]
    assert [(part.operation, part.inputs, part.shape) for part in before] == [
        ("linalg.eigh", ("A",), ((2,), (2, 2))),
        ("part 0", ("x1",), (2,)),
        ("part 1", ("x1",), (2, 2)),
    ]
    assert before[0].dtype == (np.float64, np.float64)
    assert "linalg.eigh  A       (2,), (2, 2)  float64 " in str(tape)
    tape.backward(y)  # after which nothing is saved, not even the numbers of parts
    assert tape.instructions[1:4] == tuple(dataclasses.replace(part, nbytes=0) for part in before)


def test_integer_parts_have_no_line():
    tape = recorded(lambda x: np.linalg.lstsq(x, np.ones(3)), np.eye(3)[:, :2])
    assert [instruction.operation for instruction in tape][1:] == ["linalg.lstsq", "part 0", "part 1", "part 3"]


def test_inputs_are_what_depends_on_variables():
    with Tape() as tape:
        x = tape.variable([1.0, 2.0])
        np.concatenate([x, np.ones(2), 2.0 * x])
        x[0] = 3.0
    concatenate, update = tape.instructions[2:]
    assert concatenate.inputs == ("x1", "x2")
    assert (update.operation, update.inputs) == ("x[...] = y", ("x1",))


def test_many_inputs_are_cut():
    line = str(recorded(lambda *xs: np.stack(xs), *np.ones(9))).splitlines()[-2]
    assert "x1, x2, x3, ..., x9 " in line


def test_a_long_listing_is_cut_in_its_middle():
    def chain(x):
        for _ in range(1500):
            x = x + 1.0

    tape = recorded(chain, 1.0)
    lines = str(tape).splitlines()
    assert len(lines) == 1003
    assert lines[501] == "... 501 more, see tape.instructions ..."
    assert lines[500].startswith("x500 ") and lines[502].startswith("x1002 ")
    assert lines[-1].startswith("1,501 instructions, ")
    assert len(tape.instructions) == 1501


def test_automatic_names_leave_out_those_given():
    with Tape() as tape:
        for name in (None, "x2", None, "rate of decay"):
            tape.variable(1.0, name=name)
    assert [instruction.name for instruction in tape] == ["x1", "x2", "x3", "rate of decay"]


@pytest.mark.parametrize("name", ["W", "", " ", "two\nlines", 7])
def test_names_that_are_refused(name):
    with Tape() as tape:
        tape.variable(1.0, name="W")
        with pytest.raises(InputError, match="a line of text that no other variable has"):
            tape.variable(1.0, name=name)
    assert len(tape) == 1
