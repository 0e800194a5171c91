"""Where the pictures of this package are drawn."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from dualnum.errors import MissingExtraError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Path", "axes_for", "new_figure", "on_log_axis", "save"]

Path = str | PathLike[str] | None


def axes_for(path: Path, ax: Axes | None, size: tuple[float, float] = (7, 4.5)) -> Axes:
    """Axes to draw in: those given, or new ones in a figure of that size in inches.

    Pictures for the screen belong to pyplot; those for a file do not, because pyplot would keep them for ever.
    """
    return ax if ax is not None else new_figure(size, screen=path is None).subplots()


def new_figure(size: tuple[float, float], *, screen: bool = False) -> Any:
    """Empty figure of that size in inches, for the screen or for a file.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    try:
        from matplotlib import pyplot
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("plots need matplotlib: install dualnum with the extra 'plot'") from error
    figure: Any = pyplot.figure if screen else Figure
    return figure(figsize=size, layout="constrained")


def save(ax: Axes, path: Path) -> Axes:
    """Write the picture, if there is a path to write it to."""
    if path is not None:
        figure: Any = ax.figure
        figure.savefig(path)
    return ax


def on_log_axis(values: np.ndarray, floor: float) -> np.ndarray:
    """Values for a logarithmic axis, on which zero has no place: it is drawn at ``floor``."""
    return np.where(values == 0.0, floor, values)
