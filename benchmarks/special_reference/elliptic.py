"""Elliptic integrals and Jacobian elliptic functions."""

from __future__ import annotations

from typing import Any

from mpmath import mp
from scipy import special

from benchmarks.special_reference.case import Case, choice, log_uniform, signed, uniform

BELOW_ONE = (uniform(-5.0, 1.0), choice(0.0, 1e-12, -1e-9, -1e3, -1e12, 1.0 - 1e-9, 0.5))
POSITIVE = log_uniform(1e-8, 1e8)
NEAR = uniform(0.999999, 1.000001)


def _jacobi(u: Any, m: Any) -> tuple[Any, ...]:
    sn, cn, dn = (mp.ellipfun(kind, u, m=m) for kind in ("sn", "cn", "dn"))
    turns = mp.nint(u / (2 * mp.ellipk(m)))
    phi = mp.pi * turns + mp.asin(sn) * (-1) ** int(turns)
    return sn, cn, dn, phi


CASES = [
    *(Case(f, g, (m,)) for f, g in ((special.ellipk, mp.ellipk), (special.ellipe, mp.ellipe)) for m in BELOW_ONE),
    Case(special.ellipkm1, lambda p: mp.ellipk(1 - p), (log_uniform(1e-300, 1e3),), digits=350),
    *(
        Case(f, g, (phi, m), (0, 1))
        for f, g in ((special.ellipkinc, mp.ellipf), (special.ellipeinc, mp.ellipe))
        for phi in (uniform(-1.55, 1.55), signed(1e-8, 50.0))
        for m in (uniform(-5.0, 1.0), choice(0.0, 1e-12, -1e3))
    ),
    Case(special.ellipj, _jacobi, (uniform(-8.0, 8.0), uniform(0.01, 0.95)), (0, 1), scale=lambda u, m: 1 + abs(u)),
    *(Case(f, g, p, (0, 1)) for f, g in ((special.elliprc, mp.elliprc),) for p in ((POSITIVE, POSITIVE), (NEAR, NEAR))),
    Case(special.elliprc, lambda x, y: mp.elliprc(x, y, pv=True).real, (POSITIVE, uniform(-3.0, -0.1)), (0, 1)),
    *(
        Case(f, g, (p, p, p), (0, 1, 2))
        for f, g in ((special.elliprd, mp.elliprd), (special.elliprf, mp.elliprf), (special.elliprg, mp.elliprg))
        for p in (POSITIVE, NEAR)
    ),
    *(Case(special.elliprj, mp.elliprj, (p, p, p, p), (0, 1, 2, 3)) for p in (POSITIVE, NEAR)),
]
