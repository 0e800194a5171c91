"""Reverse mode: variables whose operations are recorded on a tape, and the traversal back."""

from dualnum.tape import transposing as transposing
from dualnum.tape.tape import Tape
from dualnum.tape.variable import Variable

__all__ = ["Tape", "Variable"]
