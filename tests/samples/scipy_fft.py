"""Calls of `dualnum.scipy.fft`."""

from __future__ import annotations

from dualnum.scipy import fft
from tests.samples import Sample
from tests.samples.products import makers

real, plane = makers(31)

COMPLEX = [fft.fft, fft.ifft, fft.irfft, fft.hfft]
REAL = [fft.rfft, fft.ihfft]
COMPLEX_ND = [fft.fftn, fft.ifftn, fft.irfftn, fft.fft2, fft.ifft2, fft.irfft2]
REAL_ND = [fft.rfftn, fft.rfft2]

SAMPLES = [
    *(Sample(f, (make(6),), kwargs) for f in COMPLEX for make in (real, plane) for kwargs in ({}, {"n": 4}, {"n": 9})),
    *(Sample(f, (real(2, 5, 3), 4, 1, "ortho", False, 1)) for f in COMPLEX + REAL),
    *(Sample(f, (real(2, 4, 3),), {"axes": (2, 0), "s": (4, 3)}) for f in COMPLEX_ND + REAL_ND),
    *(Sample(f, (plane(3, 4),), {"norm": "forward"}) for f in COMPLEX_ND),
    *(Sample(f, (real(3, 4),), {"s": 5, "axes": 1, "workers": 1}) for f in (fft.fftn, fft.rfftn, fft.irfftn)),
    *(Sample(f, (real(2, 3, 4),), {"s": (3, 5)}) for f in (fft.fftn, fft.rfftn, fft.irfftn)),
]
