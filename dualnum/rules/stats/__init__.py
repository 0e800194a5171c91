"""Rows of `scipy.stats`, by way of `dualnum.scipy.stats`, which loads them: SciPy's module takes long to import."""

from __future__ import annotations

from importlib import import_module

for _family in ("symmetric", "positive", "extremes", "discrete", "multivariate", "samples"):
    import_module(f"{__name__}.{_family}")
