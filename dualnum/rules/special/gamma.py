"""Rows of the gamma function and its relatives (DLMF chapter 5)."""

from __future__ import annotations

from scipy import special
from scipy.special import _ufuncs

from dualnum.rules.special.families import register

register(special.gamma, lambda out, z: out * special.digamma(z))
register(special.digamma, lambda out, z: _ufuncs._zeta(2.0, z))
register(_ufuncs._zeta, "its order has no rule", lambda out, s, q: -(s * _ufuncs._zeta(s + 1.0, q)))
