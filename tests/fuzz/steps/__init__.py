"""The grammar: what a line of a random program may be, by branches as the rules are; and the strategy that writes programs."""

from __future__ import annotations

from importlib import import_module

from hypothesis import strategies as st

from tests.fuzz.programs import Program, Rejected, Writer
from tests.fuzz.steps.registry import STEPS

__all__ = ["programs"]

for _module in ("elementwise", "reductions", "arrays", "updates", "mathematics", "calls", "histories"):
    import_module(f"{__name__}.{_module}")

#: Bytes that a program is made of; what is missing at the end counts as zeros.
TAPE = 600


def programs(smooth: bool = True) -> st.SearchStrategy[Program]:
    """Random programs: with values that keep clear of kinks, or with special values.

    All choices come from one string of bytes: hypothesis writes it at once and can shorten it, while of some hundred small
    choices it would repeat many from one program to the next.
    """
    return st.binary(min_size=TAPE, max_size=TAPE).map(lambda tape: write(tape, smooth))


def write(tape: bytes, smooth: bool) -> Program:
    """Write the program that the choices lead to."""
    writer = Writer(tape, smooth)
    writer.start()
    for _ in range(writer.integer(2, 10)):
        try:
            writer.pick(STEPS)(writer)
        except Rejected:
            continue
    return writer.program()
