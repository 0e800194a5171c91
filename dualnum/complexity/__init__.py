"""What derivatives cost: in theory, counted and measured.

Names are loaded when they are first asked for: what counts reaches into every layer below, and formulas need none.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dualnum.complexity.chains import Accumulation, ChainCost, accumulate, chain_cost
    from dualnum.complexity.comparing import ModeCost, ModesReport, compare_modes
    from dualnum.complexity.counting import OperationCount, PrimitiveCount, count_operations
    from dualnum.complexity.measuring import Measurement, measure
    from dualnum.complexity.study import Exponent, Run, ScalingStudy, scaling_study

__all__ = [
    "Accumulation",
    "ChainCost",
    "Exponent",
    "Measurement",
    "ModeCost",
    "ModesReport",
    "OperationCount",
    "PrimitiveCount",
    "Run",
    "ScalingStudy",
    "accumulate",
    "chain_cost",
    "compare_modes",
    "count_operations",
    "measure",
    "scaling_study",
]

_LATE = {
    name: f"dualnum.complexity.{module}"
    for module, names in {
        "chains": ("Accumulation", "ChainCost", "accumulate", "chain_cost"),
        "comparing": ("ModeCost", "ModesReport", "compare_modes"),
        "counting": ("OperationCount", "PrimitiveCount", "count_operations"),
        "measuring": ("Measurement", "measure"),
        "study": ("Exponent", "Run", "ScalingStudy", "scaling_study"),
    }.items()
    for name in names
}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module 'dualnum.complexity' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_LATE[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE})
