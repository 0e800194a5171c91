"""The 27 nonlinear regressions of the NIST Statistical Reference Datasets, as plain NumPy functions.

Nothing here knows about dualnum: the models are written the way anybody would write them for ``scipy.optimize``.
Source of data and models: NIST/ITL StRD, https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml (public domain).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DATA = Path(__file__).parent / "data" / "nist_strd_nonlinear.json"


def bennett5(b, x):
    b1, b2, b3 = b
    return b1 * (b2 + x) ** (-1 / b3)


def saturation(b, x):
    b1, b2 = b
    return b1 * (1 - np.exp(-b2 * x))


def chwirut(b, x):
    b1, b2, b3 = b
    return np.exp(-b1 * x) / (b2 + b3 * x)


def danwood(b, x):
    b1, b2 = b
    return b1 * x**b2


def enso(b, x):
    b1, b2, b3, b4, b5, b6, b7, b8, b9 = b
    year, first, second = 2 * np.pi * x / 12, 2 * np.pi * x / b4, 2 * np.pi * x / b7
    return (
        b1
        + b2 * np.cos(year) + b3 * np.sin(year)
        + b5 * np.cos(first) + b6 * np.sin(first)
        + b8 * np.cos(second) + b9 * np.sin(second)
    )  # fmt: skip


def eckerle4(b, x):
    b1, b2, b3 = b
    return (b1 / b2) * np.exp(-0.5 * ((x - b3) / b2) ** 2)


def gauss(b, x):
    b1, b2, b3, b4, b5, b6, b7, b8 = b
    return b1 * np.exp(-b2 * x) + b3 * np.exp(-((x - b4) ** 2) / b5**2) + b6 * np.exp(-((x - b7) ** 2) / b8**2)


def cubic_over_cubic(b, x):
    b1, b2, b3, b4, b5, b6, b7 = b
    return (b1 + b2 * x + b3 * x**2 + b4 * x**3) / (1 + b5 * x + b6 * x**2 + b7 * x**3)


def kirby2(b, x):
    b1, b2, b3, b4, b5 = b
    return (b1 + b2 * x + b3 * x**2) / (1 + b4 * x + b5 * x**2)


def lanczos(b, x):
    b1, b2, b3, b4, b5, b6 = b
    return b1 * np.exp(-b2 * x) + b3 * np.exp(-b4 * x) + b5 * np.exp(-b6 * x)


def mgh09(b, x):
    b1, b2, b3, b4 = b
    return b1 * (x**2 + x * b2) / (x**2 + x * b3 + b4)


def mgh10(b, x):
    b1, b2, b3 = b
    return b1 * np.exp(b2 / (x + b3))


def mgh17(b, x):
    b1, b2, b3, b4, b5 = b
    return b1 + b2 * np.exp(-x * b4) + b3 * np.exp(-x * b5)


def misra1b(b, x):
    b1, b2 = b
    return b1 * (1 - (1 + b2 * x / 2) ** (-2))


def misra1c(b, x):
    b1, b2 = b
    return b1 * (1 - (1 + 2 * b2 * x) ** (-0.5))


def misra1d(b, x):
    b1, b2 = b
    return b1 * b2 * x * ((1 + b2 * x) ** (-1))


def nelson(b, x1, x2):
    """The logarithm of the response, as NIST states it."""
    b1, b2, b3 = b
    return b1 - b2 * x1 * np.exp(-b3 * x2)


def rat42(b, x):
    b1, b2, b3 = b
    return b1 / (1 + np.exp(b2 - b3 * x))


def rat43(b, x):
    b1, b2, b3, b4 = b
    return b1 / ((1 + np.exp(b2 - b3 * x)) ** (1 / b4))


def roszman1(b, x):
    b1, b2, b3, b4 = b
    return b1 - b2 * x - np.arctan(b3 / (x - b4)) / np.pi


MODELS: dict[str, Callable] = {
    "Bennett5": bennett5,
    "BoxBOD": saturation,
    "Chwirut1": chwirut,
    "Chwirut2": chwirut,
    "DanWood": danwood,
    "ENSO": enso,
    "Eckerle4": eckerle4,
    "Gauss1": gauss,
    "Gauss2": gauss,
    "Gauss3": gauss,
    "Hahn1": cubic_over_cubic,
    "Kirby2": kirby2,
    "Lanczos1": lanczos,
    "Lanczos2": lanczos,
    "Lanczos3": lanczos,
    "MGH09": mgh09,
    "MGH10": mgh10,
    "MGH17": mgh17,
    "Misra1a": saturation,
    "Misra1b": misra1b,
    "Misra1c": misra1c,
    "Misra1d": misra1d,
    "Nelson": nelson,
    "Rat42": rat42,
    "Rat43": rat43,
    "Roszman1": roszman1,
    "Thurber": cubic_over_cubic,
}


@dataclass(frozen=True)
class DataSet:
    """One regression problem: the data, two starting points, and the results that NIST certifies to 11 digits."""

    name: str
    model: Callable
    response: np.ndarray
    regressors: tuple[np.ndarray, ...]
    starts: tuple[np.ndarray, np.ndarray]
    certified: np.ndarray
    certified_sd: np.ndarray
    certified_rss: float

    def residuals(self, b):
        """Model minus response, shape (m,); `b` has shape (p,)."""
        return self.model(b, *self.regressors) - self.response


def load() -> dict[str, DataSet]:
    """Read all 27 data sets, by name."""
    return {name: _data_set(name, entry) for name, entry in json.loads(DATA.read_text())["datasets"].items()}


def _data_set(name: str, entry: dict) -> DataSet:
    response, *regressors = np.array(entry["data"]).T
    if "log[y] =" in entry["model"]:
        response = np.log(response)
    return DataSet(
        name=name,
        model=MODELS[name],
        response=response,
        regressors=tuple(regressors),
        starts=(np.array(entry["start1"]), np.array(entry["start2"])),
        certified=np.array(entry["certified"]),
        certified_sd=np.array(entry["certified_sd"]),
        certified_rss=entry["rss"],
    )
