"""`scipy.signal`, with functions that take Duals.

Of these functions there are twins, which give plain arguments to SciPy; all other names are SciPy's own:

- convolutions: `convolve`, `correlate`, `fftconvolve`, `oaconvolve`, `convolve2d`, `correlate2d`;
- filters, with respect to the signal, the coefficients and the initial state: `lfilter`, `lfilter_zi`, `filtfilt` (by padding),
  `sosfilt`, `sosfilt_zi`, `sosfiltfilt`;
- `savgol_filter`, `detrend`, `medfilt`, `medfilt2d`, `order_filter`;
- changes of the rate: `resample`, `resample_poly`, `upfirdn`, `decimate`;
- spectra: `hilbert`, `periodogram`, `welch`, `csd`, `coherence`, `spectrogram`, `stft`, `istft`;
- responses of filters: `freqz`, `freqz_sos` (`sosfreqz`), `freqz_zpk`, `freqs`, `freqs_zpk`, `group_delay`;
- windows with parameters, here and in `dualnum.scipy.signal.windows`: `get_window`, `gaussian`, `kaiser`, `tukey`, ...;
- peaks, whose indices are constants: `find_peaks`, `peak_prominences`, `peak_widths`, `argrelextrema` and its like.

Functions that design filters, or convert between their forms, refuse what carries derivatives, and say what to do instead.

Examples
--------
The coefficients of a filter, from what it does:

>>> import numpy as np
>>> from dualnum import grad
>>> from dualnum.scipy import signal
>>> x = np.array([1.0, 0.0, 0.0, 0.0])
>>> def last(b, a):
...     return signal.lfilter([b], [1.0, a], x)[-1]
>>> b_bar, a_bar = grad(last, argnums=(0, 1))(2.0, 0.5)  # of -b a**3
>>> print(b_bar, a_bar)
-0.125 -1.5
"""

from __future__ import annotations

from typing import Any

from scipy import signal as _signal

from dualnum.implicit.refusing import refusing
from dualnum.scipy.signal import windows as windows
from dualnum.table import TABLE
from dualnum.twins import twins_in

__all__ = list(_signal.__all__)  # type: ignore[attr-defined]

TABLE.load("scipy.signal")

_REFUSED = {
    name: refusing(getattr(_signal, name), advice)
    for names, advice in {
        "butter buttord cheby1 cheb1ord cheby2 cheb2ord ellip ellipord bessel iirfilter iirdesign iirnotch iirpeak iircomb "
        "gammatone buttap cheb1ap cheb2ap ellipap besselap band_stop_obj bilinear bilinear_zpk lp2lp lp2lp_zpk lp2hp lp2hp_zpk "
        "lp2bp lp2bp_zpk lp2bs lp2bs_zpk": (
            "It designs a recursive filter, and sorts poles. Differentiate with respect to its coefficients (lfilter and "
            "sosfilt take them), or give the function that designs it a rule (dualnum.custom_jvp)."
        ),
        "firwin firwin2 firwin_2d firls remez minimum_phase savgol_coeffs kaiserord kaiser_beta kaiser_atten": (
            "It designs a filter whose coefficients can be differentiated: lfilter, upfirdn and convolve take them. One "
            "with an active cutoff c is h / np.sum(h), where h = w * np.sinc(c * n) with a window w of length m and "
            "n = np.arange(m) - (m - 1) / 2."
        ),
        "tf2zpk tf2sos tf2ss zpk2sos zpk2ss zpk2tf ss2tf ss2zpk sos2zpk sos2tf residue residuez invres invresz unique_roots "
        "normalize abcd_normalize": (
            "It converts between the forms of filters, and sorts or pairs roots. np.roots(b) gives the zeros of a "
            "polynomial, np.poly(z) the polynomial of zeros, and np.convolve multiplies polynomials."
        ),
        "lsim step impulse bode freqresp dlsim dstep dimpulse dbode dfreqresp cont2discrete place_poles": (
            "For the time response of a continuous system take dualnum.scipy.integrate.solve_ivp, or "
            "dualnum.scipy.linalg.expm for its steps; for a discrete one lfilter; for a frequency response freqs or freqz."
        ),
        "deconvolve lfiltic": "Write it with lfilter, of which it is made.",
        "wiener symiirorder1 symiirorder2 spline_filter cspline1d cspline2d qspline1d qspline2d cspline1d_eval "
        "qspline1d_eval sepfir2d": (
            "Take convolve or convolve2d, the filters of dualnum.scipy.ndimage, or its spline_filter and map_coordinates."
        ),
        "hilbert2 envelope": "Take hilbert, and np.abs of it for an envelope.",
        "czt zoom_fft lombscargle find_peaks_cwt vectorstrength closest_STFT_dual_window": (
            "Write its formula with NumPy; np.fft takes Duals."
        ),
    }.items()
    for name in names.split()
    if hasattr(_signal, name)
}

_twin = twins_in(_signal)


def __getattr__(name: str) -> Any:
    return _REFUSED.get(name) or _twin(name)


def __dir__() -> list[str]:
    return __all__
