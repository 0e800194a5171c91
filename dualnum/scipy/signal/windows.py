"""`scipy.signal.windows`, whose windows with parameters can be differentiated with respect to these.

>>> from dualnum import derivative
>>> from dualnum.scipy.signal import windows
>>> derivative(lambda std: windows.gaussian(3, std))(1.0).round(4)
array([0.6065, 0.    , 0.6065])
"""

from __future__ import annotations

from typing import Any

from scipy.signal import windows as _windows

from dualnum.implicit.refusing import refusing
from dualnum.table import TABLE
from dualnum.twins import twins_in

__all__ = list(_windows.__all__)  # type: ignore[attr-defined]

TABLE.load("scipy.signal.windows")

_ADVICE = "Take gaussian, kaiser, tukey, general_cosine or general_hamming."
_REFUSED = {name: refusing(getattr(_windows, name), _ADVICE) for name in ("dpss", "chebwin", "taylor")}
_twin = twins_in(_windows)


def __getattr__(name: str) -> Any:
    return _REFUSED.get(name) or _twin(name)


def __dir__() -> list[str]:
    return __all__
