"""Rows of parabolic cylinder functions (DLMF chapter 12): their equation gives the second derivative in x."""

from __future__ import annotations

from typing import Any

from scipy import special

from dualnum.rules.special.families import register_many

_ORDER = "there is no formula for the derivative in the order"


def _of_order(outs: Any, v: Any, x: Any) -> tuple[Any, Any]:
    """DLMF 12.2.2 with a = -v - 1/2, for D_v and V_v alike."""
    return outs[1], (0.25 * x * x - v - 0.5) * outs[0]


def _of_parameter(outs: Any, a: Any, x: Any) -> tuple[Any, Any]:
    """DLMF 12.2.3."""
    return outs[1], (a - 0.25 * x * x) * outs[0]


register_many(special.pbdv, _ORDER, _of_order)
register_many(special.pbvv, _ORDER, _of_order)
register_many(special.pbwa, _ORDER, _of_parameter)
