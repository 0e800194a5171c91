"""Calls of the spectra of `dualnum.scipy.signal`, and of responses of filters."""

from __future__ import annotations

import numpy as np

from dualnum.scipy import signal
from tests.samples import Sample, scipy_signal
from tests.samples.products import BOTH, makers

real, plane = makers(73)

SEGMENTS = {"nperseg": 4, "noverlap": 1}

SAMPLES = [
    *(
        Sample(signal.welch, (real(11), 2.0, "hann", 4, 2, nfft, detrend, onesided, scaling, -1, average))
        for nfft, detrend, onesided, scaling, average in (
            (None, "constant", True, "density", "mean"),
            (5, "linear", False, "spectrum", "mean"),
            (6, False, True, "density", "median"),
        )
    ),
    Sample(signal.welch, (real(11, 2), 1.5, real(4) + 2), {"axis": 0}, (0, 1, 2)),
    Sample(signal.welch, (plane(9),), {"window": ("kaiser", 2.0), "return_onesided": False, **SEGMENTS}),
    Sample(signal.csd, (real(11), real(9)), SEGMENTS, BOTH),
    Sample(signal.csd, (real(11), real(11)), {**SEGMENTS, "average": "median"}, BOTH),
    Sample(signal.periodogram, (real(2, 7),), {"scaling": "spectrum"}),
    Sample(signal.periodogram, (real(7),), {"nfft": 5}),
    Sample(signal.periodogram, (real(7),), {"nfft": 9, "window": None}),
    Sample(signal.coherence, (real(15), real(15)), SEGMENTS, BOTH),
    *(Sample(signal.spectrogram, (real(13),), {**SEGMENTS, "mode": m}) for m in ("psd", "complex", "magnitude")),
    *(
        Sample(signal.spectrogram, (plane(9, 2),), {"axis": 0, "mode": m, "return_onesided": False, **SEGMENTS})
        for m in ("angle", "phase")
    ),
    *(
        Sample(signal.stft, (real(2, 10),), {**SEGMENTS, "boundary": boundary, "padded": padded})
        for boundary, padded in (("zeros", True), ("even", False), ("odd", True), ("constant", False), (None, True))
    ),
    Sample(signal.stft, (real(9), 2.0), {"nperseg": 5, "scaling": "psd"}, BOTH),
    Sample(signal.istft, (plane(5, 4),), {"window": "hann"}),
    Sample(
        signal.istft,
        (plane(4, 2, 5), 2.0, real(4) + 3),
        {"noverlap": 3, "time_axis": 0, "freq_axis": 2, "nperseg": 4, "nfft": 8},
        (0, 2),
    ),
    Sample(
        signal.istft, (plane(4, 3),), {"input_onesided": False, "boundary": False, "scaling": "psd", "window": "boxcar"}
    ),
    # Responses
    Sample(signal.freqz, (real(3), scipy_signal.denominator(3)), {"worN": 5}, BOTH),
    Sample(signal.freqz, (real(3), scipy_signal.denominator(2), real(4) ** 2), {"whole": True, "fs": 3.0}, (0, 1, 2)),
    Sample(signal.freqz, (plane(3),), {"worN": 4}),
    Sample(signal.freqz_zpk, (plane(2), 0.5 * real(3), 1.7, 6), active=(0, 1, 2)),
    # SciPy refuses others than 1 in the middle column, so that differences do not apply.
    Sample(signal.sosfreqz, (scipy_signal.SOS, 5), smooth=False),
    Sample(signal.sosfreqz, (scipy_signal.SOS, np.array([0.1, 0.7, 2.0])), {}, (1,)),
    Sample(signal.group_delay, ((real(3), scipy_signal.denominator(3)), 5)),
    Sample(signal.freqs, (real(3), real(2) + 2, np.array([0.3, 1.0, 4.0])), active=(0, 1, 2)),
    Sample(signal.freqs, (np.array([1.0, 2.0]), np.array([1.0, 2.0, 3.0]), 6), active=BOTH),
    Sample(signal.freqs_zpk, (real(2), -1 - real(3) ** 2, 1.3, np.array([0.3, 1.0])), active=(0, 1, 2, 3)),
]
if hasattr(signal, "freqz_sos"):
    SAMPLES.append(Sample(signal.freqz_sos, (scipy_signal.SOS, 4, True, 2.0), smooth=False))
