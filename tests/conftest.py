"""What all tests share."""

import pytest

from dualnum.table import TABLE

# Tests are collected from the table, and which of them runs first differs from process to process.
TABLE.load()


@pytest.fixture(autouse=True)
def _object_arrays_have_been_warned_of(monkeypatch):
    """The warning comes once in a process: no test may depend on whether another has had it."""
    monkeypatch.setattr("dualnum.packing._warned", True)


@pytest.fixture()
def few_are_enough(monkeypatch):
    """Begin with terms however few the inputs are."""
    monkeypatch.setattr("dualnum.columns.FEWEST", 1)
