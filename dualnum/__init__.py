"""dualnum: exact derivatives of the NumPy and SciPy code that people already have."""

from dualnum import rules as rules
from dualnum.dual import Dual
from dualnum.errors import (
    DerivativeLostError,
    DualnumError,
    InputError,
    MissingExtraError,
    MutationError,
    NoRuleError,
    ObjectArrayWarning,
    ShapeError,
)
from dualnum.transforms import (
    derivative,
    jacobian,
    jacobian_column,
    jacobian_columns,
    jvp,
    linearize,
    primal,
    value_and_jacobian,
)

__version__ = "0.1.0.dev0"

__all__ = [
    "DerivativeLostError",
    "Dual",
    "DualnumError",
    "InputError",
    "MissingExtraError",
    "MutationError",
    "NoRuleError",
    "ObjectArrayWarning",
    "ShapeError",
    "derivative",
    "jacobian",
    "jacobian_column",
    "jacobian_columns",
    "jvp",
    "linearize",
    "primal",
    "value_and_jacobian",
]
