"""Calls of discrete Fourier transforms."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample
from tests.samples.products import makers

real, plane = makers(17)

NORMS = (None, "backward", "ortho", "forward")
COMPLEX = [np.fft.fft, np.fft.ifft, np.fft.irfft, np.fft.hfft]
REAL = [np.fft.rfft, np.fft.ihfft]
LENGTHS = [{}, {"n": 4}, {"n": 9}, {"n": 11}, {"n": 1}]
COMPLEX_ND = [np.fft.fftn, np.fft.ifftn, np.fft.irfftn, np.fft.fft2, np.fft.ifft2, np.fft.irfft2]
REAL_ND = [np.fft.rfftn, np.fft.rfft2]
AXES_ND = [
    *({"axes": (0, 2)}, {"axes": (2, 0), "s": (4, 3)}, {"axes": (-1, -2)}, {"axes": (1,), "s": (6,)}),
    *({"axes": (0, 0)}, {"axes": (1, 1), "s": (4, 6)}),
]

SAMPLES = [
    *(Sample(f, (make(6),), kwargs) for f in COMPLEX for make in (real, plane) for kwargs in LENGTHS),
    *(Sample(f, (real(6),), kwargs) for f in REAL for kwargs in LENGTHS),
    *(Sample(f, (real(2, 5, 3),), {"axis": 1, "norm": norm}) for f in COMPLEX + REAL for norm in NORMS),
    *(Sample(f, (real(2, 4, 3),), kwargs) for f in COMPLEX_ND + REAL_ND for kwargs in AXES_ND),
    *(Sample(f, (plane(3, 4),), {"norm": norm}) for f in COMPLEX_ND for norm in NORMS),
    *(Sample(f, (real(3, 4),), {"norm": norm}) for f in REAL_ND for norm in NORMS),
    *(
        Sample(f, (real(4, 5),), {"axes": axes}, complex_ok=True)
        for f in (np.fft.fftshift, np.fft.ifftshift)
        for axes in (None, 0, (-1, 0))
    ),
]
