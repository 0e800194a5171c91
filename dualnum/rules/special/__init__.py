"""Rows of scipy.special, one module per family of functions; loaded when the table is first asked for one of them."""

from __future__ import annotations

from importlib import import_module

for _family in (
    "airy",
    "bessel",
    "bessel_integrals",
    "discrete",
    "distributions",
    "elementary",
    "elliptic",
    "error",
    "functions",
    "gamma",
    "goodness",
    "hypergeometric",
    "incomplete",
    "integrals",
    "kelvin",
    "legendre",
    "mathieu",
    "noncentral",
    "orthogonal",
    "parabolic",
    "spherical",
    "spheroidal",
    "struve",
    "tukey",
    "wright",
):
    import_module(f"{__name__}.{_family}")
