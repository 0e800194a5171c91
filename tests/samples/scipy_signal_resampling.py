"""Calls of `dualnum.scipy.signal` for changes of the rate, smoothing, trends and order."""

from __future__ import annotations

import numpy as np

from dualnum.scipy import signal
from tests.samples import Sample
from tests.samples.products import BOTH, makers

real, plane = makers(72)

MODES = ("constant", "wrap", "edge", "smooth", "symmetric", "reflect", "antisymmetric", "antireflect", "line")

SAMPLES = [
    Sample(signal.upfirdn, (real(5), real(6)), active=BOTH, complex_ok=True),
    Sample(signal.upfirdn, (real(5), real(6, 2), 3, 2, 0), active=BOTH),
    *(Sample(signal.upfirdn, (real(4), real(5), 2, 3, -1, mode), active=BOTH) for mode in MODES),
    Sample(signal.upfirdn, (real(4), real(5), 2, 1, -1, "constant", 0.4), active=(0, 1, 6)),
    *(
        Sample(signal.resample_poly, (real(9), up, down, 0, real(5), padtype), active=(0, 4))
        for up, down, padtype in ((3, 2, "constant"), (2, 3, "line"), (4, 2, "mean"), (1, 2, "maximum"))
    ),
    Sample(signal.resample_poly, (real(2, 7), 2, 1, 1)),
    Sample(signal.resample_poly, (real(5), 2, 2)),
    Sample(signal.resample_poly, (real(5), 3, 2), {"cval": 0.5}),
    *(
        Sample(signal.decimate, (real(80), 2), {"ftype": kind, "zero_phase": zero})
        for kind, zero in (("fir", 1), ("iir", 0))
    ),
    Sample(signal.decimate, (real(40, 2), 2, 3, "fir", 0, False)),
    Sample(signal.decimate, (real(40), 3, 2, "iir")),
    *(
        Sample(signal.resample, (make(n), num), {"window": window})
        for make in (real, plane)
        for n, num, window in (
            (6, 4, None),
            (4, 6, "hann"),
            (5, 5, None),
            (5, 3, ("kaiser", 2.0)),
            (6, 6, None),
            (4, 9, None),
        )
    ),
    Sample(signal.resample, (real(2, 6), 4, None, 1, real(6)), active=(0, 4)),
    Sample(signal.resample, (plane(4), 6), {"domain": "freq"}),
    Sample(signal.resample, (real(4), 6, np.linspace(0, 1, 4)), active=(0, 2)),
    Sample(signal.hilbert, (real(6),)),
    Sample(signal.hilbert, (real(5, 2), 7, 0)),
    *(
        Sample(signal.savgol_filter, (real(8), 5, 2, deriv, delta, -1, mode, 0.3), active=(0, 4, 7))
        for mode in ("mirror", "constant", "nearest", "interp", "wrap")
        for deriv, delta in ((0, 1.0), (1, 0.5))
    ),
    Sample(signal.savgol_filter, (real(7, 2), 4, 1), {"axis": 0}),
    *(Sample(signal.detrend, (real(7), -1, kind)) for kind in ("linear", "constant")),
    Sample(signal.detrend, (plane(6, 2), 0, "linear", [2])),
    Sample(signal.medfilt, (real(7),)),
    Sample(signal.medfilt, (real(4, 5), [3, 5])),
    Sample(signal.medfilt2d, (real(4, 5), 3)),
    *(Sample(signal.order_filter, (real(4, 4), np.eye(3), rank)) for rank in (0, 1, 2)),
]
