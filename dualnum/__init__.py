"""dualnum: exact derivatives of the NumPy and SciPy code that people already have."""

from dualnum import rules as rules
from dualnum.differences import JacobianReport, StepSizeStudy, check_jacobian, step_size_study
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
    "JacobianReport",
    "MissingExtraError",
    "MutationError",
    "NoRuleError",
    "ObjectArrayWarning",
    "ShapeError",
    "StepSizeStudy",
    "check_jacobian",
    "derivative",
    "jacobian",
    "jacobian_column",
    "jacobian_columns",
    "jvp",
    "linearize",
    "primal",
    "step_size_study",
    "value_and_jacobian",
]
