"""The array-API namespace that active arrays answer with: NumPy's functions, but `asarray` keeps derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from dualnum.packing import as_operand, contains_active

__all__ = ["NAMESPACE"]


class _Namespace:
    """NumPy, for code written to the array-API standard (``xp = x.__array_namespace__()``)."""

    __name__ = "numpy"

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def __repr__(self) -> str:
        return "<NumPy's functions, with an asarray that keeps derivatives>"

    def asarray(self, x: Any, /, *, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Any:
        """As `numpy.asarray`, but an active value stays active."""
        if not contains_active(x):
            return np.asarray(x, dtype=dtype, device=device, copy=copy)
        x = as_operand(x)
        if dtype is not None:
            return x.astype(dtype, copy=bool(copy))
        return x.copy() if copy else x

    array = asarray


NAMESPACE = _Namespace()
