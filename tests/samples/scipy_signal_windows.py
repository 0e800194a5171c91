"""Calls of `dualnum.scipy.signal.windows`."""

from __future__ import annotations

import numpy as np

from dualnum.scipy import signal
from dualnum.scipy.signal import windows
from tests.samples import Sample

SAMPLES = [
    *(Sample(windows.gaussian, (n, 1.3, sym), active=(1,)) for n, sym in ((5, True), (6, False), (1, True))),
    Sample(windows.general_gaussian, (6, 0.8, 1.7), active=(1, 2)),
    Sample(windows.exponential, (6, 2.2, 1.7, False), active=(1, 2)),
    Sample(windows.exponential, (5, None, 3.0), active=(2,)),
    *(Sample(windows.kaiser, (n, beta, sym), active=(1,)) for n, beta, sym in ((5, 3.0, True), (6, 9.0, False))),
    Sample(windows.kaiser_bessel_derived, (8, 2.0), active=(1,)),
    *(Sample(windows.tukey, (9, alpha), active=(1,)) for alpha in (0.4, 0.77, 1.4, -0.3)),
    Sample(windows.general_cosine, (6, np.array([0.5, 0.3, 0.2])), active=(1,)),
    Sample(windows.general_hamming, (6, 0.55, False), active=(1,)),
    Sample(signal.get_window, (3.0, 5)),
]
