"""The gamma function and its relatives."""

from __future__ import annotations

from mpmath import mp
from scipy import special

from benchmarks.special_reference.case import Case, log_uniform

CASES = [Case(special.gamma, mp.gamma, (log_uniform(1e-3, 100.0),))]
