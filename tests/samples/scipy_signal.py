"""Calls of the convolutions and filters of `dualnum.scipy.signal`."""

from __future__ import annotations

import numpy as np

from dualnum.scipy import signal
from tests.samples import Sample
from tests.samples.products import BOTH, makers

real, plane = makers(71)

PAIRS = [((5,), (3,)), ((3,), (4,)), ((3, 4), (2, 3))]
SOS = np.array([[0.3, 0.1, 0.2, 1.0, -0.4, 0.2], [0.5, -0.2, 0.0, 1.0, 0.3, 0.0]])


def denominator(n, make=real):
    """Coefficients of a stable filter."""
    return np.concatenate([[1.7], 0.2 * make(n - 1)])


SAMPLES = [
    *(
        Sample(f, (real(*m), real(*n)), {"mode": mode, "method": method}, BOTH, complex_ok=f is signal.convolve)
        for f in (signal.convolve, signal.correlate)
        for m, n in PAIRS
        for mode in ("full", "same", "valid")
        for method in ("direct", "fft")
        if mode != "valid" or m != (3,)
    ),
    Sample(signal.correlate, (plane(4), plane(2)), {}, BOTH),
    Sample(signal.convolve, (real(3), real(4), "valid"), {}, BOTH),
    Sample(signal.convolve, (real(), real()), {}, BOTH),
    *(
        Sample(f, (real(*m), real(*n)), {"mode": mode, "axes": axes}, BOTH, complex_ok=True)
        for f in (signal.fftconvolve, signal.oaconvolve)
        for m, n, mode, axes in (
            ((5,), (3,), "full", None),
            ((2, 5), (1, 3), "same", 1),
            ((3, 2), (2, 2), "valid", [0]),
            ((9, 2), (2, 1), "full", -2),
        )
    ),
    *(
        Sample(f, (real(*m), real(*n), mode, boundary, fill), {}, (0, 1, 4))
        for f in (signal.convolve2d, signal.correlate2d)
        for m, n in (((3, 4), (2, 3)), ((2, 2), (3, 2)))
        for mode in ("full", "same")
        for boundary, fill in (("fill", 0.7), ("wrap", 0.0), ("symm", 0.0))
    ),
    *(Sample(f, (plane(3, 4), plane(2, 3), "valid"), {}, BOTH) for f in (signal.convolve2d, signal.correlate2d)),
    # Recursive filters
    *(
        Sample(signal.lfilter, (make(nb), denominator(na, make), make(*shape), axis), {}, (0, 1, 2))
        for make in (real, plane)
        for nb, na, shape, axis in ((3, 3, (6,), -1), (1, 4, (5, 2), 0), (4, 2, (2, 5), -1), (3, 1, (4,), 0))
    ),
    *(
        Sample(signal.lfilter, (real(nb), denominator(na), real(*shape), axis, real(*state)), {}, (0, 1, 2, 4))
        for nb, na, shape, axis, state in (
            (3, 3, (6,), -1, (2,)),
            (2, 4, (2, 5), -1, (2, 3)),
            (4, 2, (5, 2), 0, (3, 1)),
            (3, 1, (4,), 0, (2,)),
            (4, 4, (2,), 0, (3,)),
        )
    ),
    Sample(signal.lfilter, ([1.0, 2.0], [2.0, 0.5], real(4)), active=(2,)),
    Sample(signal.lfilter, (1.5, 2.0, real(4)), active=(0, 1, 2)),
    Sample(signal.lfilter_zi, (real(3), denominator(3)), active=BOTH),
    Sample(signal.lfilter_zi, (real(4), denominator(2)), active=BOTH),
    *(
        Sample(signal.filtfilt, (real(2), denominator(3), real(*shape), axis, padtype, padlen), {}, (0, 1, 2))
        for shape, axis, padtype, padlen in (
            ((12,), -1, "odd", None),
            ((11, 2), 0, "even", 4),
            ((2, 6), 1, "constant", 3),
            ((5,), 0, None, None),
        )
    ),
    # The first coefficient of the denominators must be 1, so that differences do not apply to it.
    Sample(signal.sosfilt, (SOS, real(7)), active=(1,)),
    Sample(signal.sosfilt, (SOS, real(7), -1, real(2, 2)), active=(0, 1, 3), smooth=False),
    Sample(signal.sosfiltfilt, (SOS, real(16)), active=BOTH, smooth=False),
    Sample(signal.sosfilt, (SOS, real(5, 2), 0, real(2, 2, 2)), active=(1, 3)),
    Sample(signal.sosfiltfilt, (SOS, real(16)), active=(1,)),
    Sample(signal.sosfiltfilt, (SOS, real(9, 2), 0, "even", 4), active=(1,)),
    Sample(signal.sosfilt_zi, (SOS,), smooth=False),
]
