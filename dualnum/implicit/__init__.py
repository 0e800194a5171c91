"""Derivatives of what solvers find, by the implicit function theorem."""

from dualnum.implicit.functions import implicit_fixed_point, implicit_minimum, implicit_root

__all__ = ["implicit_fixed_point", "implicit_minimum", "implicit_root"]
