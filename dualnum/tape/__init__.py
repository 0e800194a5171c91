"""Reverse mode: variables whose operations are recorded on a tape, and the traversal back."""

from dualnum.tape import transposing as transposing
from dualnum.tape.listing import Instruction
from dualnum.tape.tape import Tape
from dualnum.tape.variable import Variable

__all__ = ["Instruction", "Tape", "Variable"]
