"""dualnum: exact derivatives of the NumPy and SciPy code that people already have."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dualnum import rules as rules
from dualnum.dual import Dual
from dualnum.errors import (
    ConvergenceError,
    DerivativeLostError,
    DualnumError,
    ExecutionError,
    ForeignError,
    InputError,
    MissingExtraError,
    MutationError,
    NoRuleError,
    ObjectArrayWarning,
    ShapeError,
    WrongDerivativeError,
)
from dualnum.transforms import (
    derivative,
    jvp,
    linearize,
    primal,
)

if TYPE_CHECKING:
    from dualnum.checkpointing import checkpoint, checkpoint_scan
    from dualnum.column_by_column import jacobian_column, jacobian_columns
    from dualnum.custom import custom_jvp, custom_vjp
    from dualnum.differences import (
        DerivativesReport,
        HessianReport,
        JacobianReport,
        StepSizeStudy,
        check_derivatives,
        check_hessian,
        check_jacobian,
        step_size_study,
    )
    from dualnum.expanding import nth_derivative, taylor
    from dualnum.hessians import (
        gauss_newton_product,
        hessian,
        hessian_diagonal,
        laplacian,
        partial_derivative,
        second_derivative,
        vhp,
    )
    from dualnum.hyperdual import HyperDual
    from dualnum.implicit import implicit_fixed_point, implicit_minimum, implicit_root
    from dualnum.jacobians import jacfwd, jacobian, jacrev, value_and_jacobian
    from dualnum.modes import ModeChoice, choose_mode
    from dualnum.propagation import Propagated, propagate
    from dualnum.registering import register
    from dualnum.reverse import grad, hvp, value_and_grad, vjp
    from dualnum.solvers import objective, residuals
    from dualnum.tape import Tape, Variable
    from dualnum.taylor_numbers import Taylor

__version__ = "0.1.0.dev0"

__all__ = [
    "ConvergenceError",
    "DerivativeLostError",
    "DerivativesReport",
    "Dual",
    "DualnumError",
    "ExecutionError",
    "ForeignError",
    "HessianReport",
    "HyperDual",
    "InputError",
    "JacobianReport",
    "MissingExtraError",
    "ModeChoice",
    "MutationError",
    "NoRuleError",
    "ObjectArrayWarning",
    "Propagated",
    "ShapeError",
    "StepSizeStudy",
    "Tape",
    "Taylor",
    "Variable",
    "WrongDerivativeError",
    "check_derivatives",
    "check_hessian",
    "check_jacobian",
    "checkpoint",
    "checkpoint_scan",
    "choose_mode",
    "custom_jvp",
    "custom_vjp",
    "derivative",
    "gauss_newton_product",
    "grad",
    "hessian",
    "hessian_diagonal",
    "hvp",
    "implicit_fixed_point",
    "implicit_minimum",
    "implicit_root",
    "jacfwd",
    "jacobian",
    "jacobian_column",
    "jacobian_columns",
    "jacrev",
    "jvp",
    "laplacian",
    "linearize",
    "nth_derivative",
    "objective",
    "partial_derivative",
    "primal",
    "propagate",
    "register",
    "residuals",
    "second_derivative",
    "step_size_study",
    "taylor",
    "value_and_grad",
    "value_and_jacobian",
    "vhp",
    "vjp",
]

# Where names come from that not every program uses, so that it need not wait for them: reverse mode is half of the package.
_LATE = {
    name: f"dualnum.{module}"
    for module, names in {
        "checkpointing": ("checkpoint", "checkpoint_scan"),
        "column_by_column": ("jacobian_column", "jacobian_columns"),
        "custom": ("custom_jvp", "custom_vjp"),
        "differences": (
            *("DerivativesReport", "HessianReport", "JacobianReport", "StepSizeStudy"),
            *("check_derivatives", "check_hessian", "check_jacobian", "step_size_study"),
        ),
        "expanding": ("nth_derivative", "taylor"),
        "hessians": (
            *("gauss_newton_product", "hessian", "hessian_diagonal", "laplacian", "partial_derivative"),
            *("second_derivative", "vhp"),
        ),
        "hyperdual": ("HyperDual",),
        "implicit": ("implicit_fixed_point", "implicit_minimum", "implicit_root"),
        "jacobians": ("jacfwd", "jacobian", "jacrev", "value_and_jacobian"),
        "modes": ("ModeChoice", "choose_mode"),
        "propagation": ("Propagated", "propagate"),
        "registering": ("register",),
        "reverse": ("grad", "hvp", "value_and_grad", "vjp"),
        "solvers": ("objective", "residuals"),
        "tape": ("Tape", "Variable"),
        "taylor_numbers": ("Taylor",),
    }.items()
    for name in names
}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module 'dualnum' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_LATE[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE})
