"""step_size_study: how the error of finite differences depends on their step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dualnum.differences.methods import imaginary_quotient
from dualnum.differences.report import for_json
from dualnum.differences.sampling import EPS, Sampler, real_array
from dualnum.errors import InputError, ShapeError
from dualnum.pictures import Path, axes_for, on_log_axis, save
from dualnum.transforms import jvp

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["StepSizeStudy", "step_size_study"]

SHOWN_STEPS = 17


@dataclass(frozen=True, repr=False)
class StepSizeStudy:
    """The result of `step_size_study`: a table when printed.

    Errors are the largest over all elements of the directional derivative, relative to its largest element (absolute if
    it is zero), and nan where ``f`` was not defined at the points that the step leads to.

    Attributes
    ----------
    steps : ndarray, shape (s,)
        The steps.
    errors : dict of ndarray, each of shape (s,)
        The errors by method: ``"forward"``, ``"central"`` and, if ``f`` is fit for it, ``"complex-step"``.
    reference : ndarray, of the shape of ``f(x)``
        The directional derivative by forward mode, against which the errors are taken.
    direction : ndarray, of the shape of ``x``
        The direction.
    without_complex_step : str
        Why there is no complex step, if there is none.
    """

    steps: np.ndarray
    errors: dict[str, np.ndarray]
    reference: np.ndarray
    direction: np.ndarray
    without_complex_step: str = ""

    @property
    def best(self) -> dict[str, tuple[float, float]]:
        """The step with the least error, and that error, by method; a method that never gave a number is left out."""
        known = {name: errors for name, errors in self.errors.items() if not np.all(np.isnan(errors))}
        least = {name: int(np.nanargmin(errors)) for name, errors in known.items()}
        return {name: (float(self.steps[i]), float(known[name][i])) for name, i in least.items()}

    def __str__(self) -> str:
        lines = ["step".ljust(10) + "".join(name.rjust(14) for name in self.errors)]
        stride = max(1, -(-len(self.steps) // SHOWN_STEPS))
        for i in range(0, len(self.steps), stride):
            numbers = (f"{errors[i]:.2g}".rjust(14) for errors in self.errors.values())
            lines.append(f"{self.steps[i]:.2g}".ljust(10) + "".join(numbers))
        lines += [f"best {name}: error {error:.2g} with step {step:.2g}" for name, (step, error) in self.best.items()]
        if self.without_complex_step:
            lines.append(f"no complex step: {self.without_complex_step}")
        return "\n".join(lines)

    __repr__ = __str__

    def to_dict(self) -> dict[str, Any]:
        """Steps, errors and the best of them for JSON, as in `JacobianReport.to_dict`."""
        return {
            "steps": self.steps.tolist(),
            "errors": {name: [for_json(e) for e in errors.tolist()] for name, errors in self.errors.items()},
            "best": {name: {"step": step, "error": for_json(error)} for name, (step, error) in self.best.items()},
        }

    def plot(self, path: Path = None, ax: Axes | None = None) -> Axes:
        """Draw the errors against the step.

        Towards smaller steps they fall with the truncation, and then rise with round-off: a V.

        Parameters
        ----------
        path : path, optional
            Where to save the picture; its ending decides on the format.
        ax : matplotlib.axes.Axes, optional
            Axes to draw in; by default new ones.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        ax = axes_for(path, ax)
        for (name, errors), style in zip(self.errors.items(), ("o-", "s-", "^-"), strict=False):
            ax.plot(self.steps, on_log_axis(errors, EPS / 2), style, ms=3.5, label=name)
        ax.set(xscale="log", yscale="log", xlabel="step", ylabel="error relative to forward mode")
        ax.set_title(f"error of finite differences (zero is drawn at {EPS / 2:.1e})", fontsize="medium")
        ax.legend()
        return save(ax, path)


def step_size_study(f: Callable[[Any], Any], x: Any, *, direction: Any = None, steps: Any = None) -> StepSizeStudy:
    """Error of forward, central and complex-step differences against the step, with forward mode as reference.

    Parameters
    ----------
    f : callable
        Takes ``x`` and returns a number, a list of numbers or an array.
    x : array_like
        The point, finite and real, of any shape.
    direction : array_like, of the shape of ``x``, optional
        The direction of the derivative; by default 1 along every element.
    steps : array_like, shape (s,), optional
        Positive steps, in units of the direction; by default four per decade from 1e-16 to 1.

    Returns
    -------
    StepSizeStudy
        The errors by method; prints as a table, and ``plot`` draws the V-shaped curves.

    Raises
    ------
    InputError
        If ``x``, the direction, the steps or the result are not real numbers.
    ShapeError
        If the direction does not have the shape of ``x``.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum.differences import step_size_study
    >>> study = step_size_study(np.sin, 1.0)
    >>> {name: round(np.log10(step)) for name, (step, error) in study.best.items() if name != "complex-step"}
    {'forward': -8, 'central': -5}
    """
    x = real_array(x)
    v = np.ones_like(x) if direction is None else real_array(direction)
    if v.shape != x.shape:
        raise ShapeError(f"the direction has the shape {v.shape}, but x has {x.shape}")
    h = np.logspace(-16, 0, 65) if steps is None else real_array(steps)
    if h.ndim != 1 or np.any(h <= 0):
        raise InputError("steps must be a 1-D array of positive numbers")
    reference = np.asarray(jvp(f, (x if x.ndim else x[()],), (v if v.ndim else v[()],))[1])
    along = Sampler(lambda t: f(x + t * v), 0.0)
    if along.shape != reference.shape:
        raise ShapeError(f"the derivative has the shape {reference.shape}, but f(x) has {along.shape}")
    size = float(np.max(np.abs(reference), initial=0.0)) or 1.0

    def error(quotient: np.ndarray) -> float:
        return float(np.max(np.abs(quotient - reference.ravel()), initial=0.0)) / size

    errors: dict[str, list[float]] = {"forward": [], "central": []}
    with np.errstate(all="ignore"):
        for step in h.tolist():
            after, before = along.at(0, step), along.at(0, -step)
            errors["forward"].append(error((after - along.value) / step))
            errors["central"].append(error((after - before) / (2 * step)))
        try:
            errors["complex-step"] = [error(imaginary_quotient(along, 0, step)) for step in h.tolist()]
            reason = ""
        except InputError as problem:
            errors.pop("complex-step", None)
            reason = str(problem)
    arrays = {name: np.array(values) for name, values in errors.items()}
    return StepSizeStudy(h, arrays, reference, v, reason)
