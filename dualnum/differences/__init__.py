"""Finite differences with estimates of their own error, and the comparison of derivatives with them."""

from dualnum.differences.checking import check_jacobian
from dualnum.differences.derivatives import check_derivatives
from dualnum.differences.derivatives_report import DerivativeCheck, DerivativesReport
from dualnum.differences.methods import METHODS, finite_difference_jacobian
from dualnum.differences.report import ColumnComparison, JacobianReport, Verdict
from dualnum.differences.second_order import HessianReport, ModeComparison, check_hessian
from dualnum.differences.study import StepSizeStudy, step_size_study

__all__ = [
    "METHODS",
    "ColumnComparison",
    "DerivativeCheck",
    "DerivativesReport",
    "HessianReport",
    "JacobianReport",
    "ModeComparison",
    "StepSizeStudy",
    "Verdict",
    "check_derivatives",
    "check_hessian",
    "check_jacobian",
    "finite_difference_jacobian",
    "step_size_study",
]
