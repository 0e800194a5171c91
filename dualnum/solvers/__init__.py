"""Functions in the form that SciPy's solvers take, with exact derivatives."""

from dualnum.solvers.scalar import Objective, objective
from dualnum.solvers.vector import Residuals, residuals

__all__ = ["Objective", "Residuals", "objective", "residuals"]
