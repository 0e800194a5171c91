"""check_derivatives: whether a rule is right, in both modes, to second order, and in what it does to its arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from dualnum.calls import parted
from dualnum.differences.checking import judge
from dualnum.differences.derivatives_report import DerivativeCheck, DerivativesReport
from dualnum.differences.methods import SAFETY, estimate_column
from dualnum.differences.report import SEVERITY, Verdict
from dualnum.differences.sampling import Sampler
from dualnum.dispatch import primal_all
from dualnum.errors import InputError
from dualnum.inputs import as_input, copied, describe_function
from dualnum.reverse import positions_of, vjp
from dualnum.transforms import jvp

__all__ = ["check_derivatives"]

MODES = ("forward", "reverse")
ROWS = 3
LEAST_TOLERANCE = 100  # in units of the last place

Trees = dict[int, Any]
Finding = tuple[Verdict, float, float]


def check_derivatives(
    f: Callable[..., Any],
    *args: Any,
    order: int = 2,
    modes: Sequence[str] = MODES,
    argnums: int | Sequence[int] | None = None,
    seed: int = 0,
    tolerance: float = 1e-8,
    strict: bool = False,
) -> DerivativesReport:
    """Check the derivatives of a function that has a rule of one's own, or of any other.

    Along random directions, all of this is compared: the value with that of the plain function, and the arguments with what
    they were before; `jvp` with finite differences and their own estimate of their error; `vjp` with `jvp`, by
    <jvp(u), v> = <u, vjp(v)>; several directions at once with one after the other. To second order: `jvp` of `jvp` with
    differences of `jvp`; `jvp` of `vjp`, `vjp` of `jvp` and `vjp` of `vjp` with each other.

    Parameters
    ----------
    f : callable
        Function of arrays, numbers, or lists, tuples and dicts of them, which it returns too.
    *args
        The point. It should be a generic one: at a kink, or where a derivative happens to be zero, an error may hide.
    order : {1, 2}
        Whether second derivatives are checked too.
    modes : sequence of {"forward", "reverse"}
        Which modes are checked.
    argnums : int or sequence of int, optional
        The arguments to differentiate with respect to; by default all that hold floats.
    seed : int
        Of the random directions.
    tolerance : float
        Relative difference allowed, beside the error of finite differences; of float32, at least 100 of its last places.
    strict : bool
        Raise unless all checks agree.

    Returns
    -------
    DerivativesReport
        True if all checks agree; prints as a table. An error that the rule raises is a check that differs.

    Raises
    ------
    InputError
        There is nothing to differentiate, or an option is unknown.
    WrongDerivativeError
        With `strict`, if a check does not agree.

    Notes
    -----
    float32 is differentiated as such, and compared with differences of the function in float64.

    Examples
    --------
    >>> import numpy as np
    >>> from dualnum import check_derivatives, custom_jvp
    >>> @custom_jvp
    ... def cube(x):
    ...     return x**3
    >>> @cube.defjvp
    ... def rule(primals, tangents):
    ...     (x,), (x_dot,) = primals, tangents
    ...     return cube(x), 2 * x**2 * x_dot
    >>> report = check_derivatives(cube, np.array([0.5, 2.0]), order=1)
    >>> report.ok
    False
    >>> report.summary()
    '7 checks: 6 agree, 1 differs; at worst jvp, argument 0'
    """
    if order not in (1, 2):
        raise InputError(f"check_derivatives: order must be 1 or 2, got {order}.")
    chosen = (modes,) if isinstance(modes, str) else tuple(modes)
    if not chosen or not set(chosen) <= set(MODES):
        raise InputError(f"check_derivatives: modes must be some of {MODES}, got {modes!r}.")
    study = _Study(f, args, argnums, seed, tolerance)
    study.first_order("forward" in chosen, "reverse" in chosen)
    if order == 2:
        study.second_order("forward" in chosen, "reverse" in chosen)
    report = DerivativesReport(describe_function(f), tuple(study.checks))
    if strict:
        report.raise_if_wrong()
    return report


def _is_float(leaf: Any) -> bool:
    return isinstance(leaf, (float, complex)) or getattr(leaf, "dtype", np.dtype(bool)).kind in "fc"


class _Study:
    """A function as one of a list of arrays, with directions and weights at random, and what was found of it."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], argnums: Any, seed: int, tolerance: float) -> None:
        self.f = f
        self.checks: list[DerivativeCheck] = []
        leaves, self._treedef = parted(args)
        owners = [j for j, part in enumerate(self._treedef.children()) for _ in range(part.num_leaves)]
        if argnums is None:
            self.places = [i for i, leaf in enumerate(leaves) if _is_float(leaf)]
        else:
            wanted = positions_of(argnums, len(args), "check_derivatives")
            self.places = [i for i, j in enumerate(owners) if j in wanted and leaves[i] is not None]
        if not self.places:
            raise InputError("check_derivatives: no argument holds floats; pass some (1.0, not 1), or say argnums=.")
        self.owners = [owners[i] for i in self.places]
        self.xs = [as_input(leaves[i], "check_derivatives") for i in self.places]
        for i, x in zip(self.places, self.xs, strict=True):
            leaves[i] = x
        self._leaves = leaves
        self.used = copied(leaves, ())
        outs = parted(f(*self._treedef.unflatten(self.used)))[0]
        self.out_places = [i for i, out in enumerate(outs) if _is_float(out)]
        if not self.out_places:
            raise InputError(
                "check_derivatives: the function returned no floats, so there is nothing to differentiate."
            )
        self.outs = {i: np.asarray(outs[i])[()] for i in self.out_places}
        rng = np.random.default_rng(seed)
        self.us, self.ws, *self.more = [[_direction(x, rng) for x in self.xs] for _ in range(2 + ROWS)]
        self.vs, *self.rows = [{i: _weights(out, rng) for i, out in self.outs.items()} for _ in range(1 + ROWS)]
        eps = max(np.finfo(x.dtype).eps for x in (*self.xs, *self.outs.values()))
        self.round_off = LEAST_TOLERANCE * float(eps)
        self.tolerance = max(tolerance, self.round_off)

    def function(self, *xs: Any) -> Trees:
        """Floats of the result, by their number, as a function of the floats of the arguments."""
        leaves = copied(self._leaves, self.places)
        for i, x in zip(self.places, xs, strict=True):
            leaves[i] = x
        outs = parted(self.f(*self._treedef.unflatten(leaves)))[0]
        return {i: outs[i] for i in self.out_places}

    def push(self, us: list[Any], *xs: Any) -> Trees:
        """Tangents of the result."""
        return jvp(self.function, xs, us)[1]

    def pull(self, vs: Trees, *xs: Any) -> Trees:
        """Cotangents of the arguments."""
        return dict(enumerate(vjp(self.function, *xs)[1](vs)))

    # What is compared

    def add(self, name: str, against: str, find: Callable[[], Finding]) -> None:
        """Note what was found, or the error that was raised."""
        try:
            self.checks.append(DerivativeCheck(name, against, *find()))
        except Exception as error:
            note = f"{type(error).__name__}: {error}"
            self.checks.append(DerivativeCheck(name, against, Verdict.DIFFERS, np.nan, np.nan, note))

    def differences(self, function: Callable[..., Trees], us: list[Any], found: Trees) -> Finding:
        """Compare a derivative along a direction with differences."""
        wide = [x.astype(np.result_type(x.dtype, np.float64)) for x in self.xs]

        def along(t: Any) -> np.ndarray:
            return _flat(function(*(x + t * u for x, u in zip(wide, us, strict=True))))

        flat = _flat(found)
        if not flat.size:
            return Verdict.AGREES, 0.0, 0.0
        estimate = estimate_column(Sampler(along, 0.0), 0, "central")
        codes = judge(flat, estimate, self.tolerance, 0.0)
        difference = np.abs(flat - estimate.value)
        worst = int(np.argmax(np.where(codes == codes.max(), np.nan_to_num(difference, nan=np.inf), -1)))
        allowed = SAFETY * estimate.error[worst] + self.tolerance * np.fmax(
            abs(flat[worst]), abs(estimate.value[worst])
        )
        return SEVERITY[codes[worst]], float(difference[worst]), float(allowed)

    def equal(self, found: Trees, expected: Trees, beside: Trees | None = None) -> Finding:
        """Compare arrays, each beside its largest element; round-off may also be that of the terms in `beside`."""
        worst: Finding = (Verdict.AGREES, 0.0, 0.0)
        for i, y in expected.items():
            x = np.asarray(found[i])
            if x.shape != np.shape(y):
                raise InputError(f"shape {x.shape} where {np.shape(y)} is expected")
            if x.size:
                difference = float(np.max(np.abs(x - y)))
                scale = max(float(np.max(np.abs(x))), float(np.max(np.abs(y))))
                allowed = self.tolerance * scale
                if beside is not None:
                    allowed = max(allowed, self.round_off * float(np.max(np.abs(beside[i]))))
                worst = max(worst, _judged(difference, allowed), key=_badness)
        return worst

    def same_product(self, pairs: Sequence[tuple[Trees, Trees]], beside: tuple[Trees, Trees] | None = None) -> Finding:
        """Compare two inner products; round-off may also be that of the terms of a third one, `beside`."""
        (one, scale), (other, other_scale) = (_product(*pair) for pair in pairs)
        noise = 0.0 if beside is None else self.round_off * _product(*beside)[1]
        return _judged(abs(one - other), max(self.tolerance * (scale + other_scale), noise))

    # The checks

    def first_order(self, forward: bool, reverse: bool) -> None:
        """Check the arguments, the value and first derivatives."""
        self.add("arguments", "before the call", self._arguments)
        xs, us = self.xs, self.us
        if forward:
            self.add("value, forward", "the function", lambda: self._value(jvp(self.function, xs, us)[0]))
        if reverse:
            self.add("value, reverse", "the function", lambda: self._value(vjp(self.function, *xs)[0]))
        arguments = sorted(set(self.owners))
        for j in arguments:
            part = [u if owner == j else 0 * u for u, owner in zip(us, self.owners, strict=True)]
            alone = [i for i, owner in enumerate(self.owners) if owner == j]
            if forward:
                find = partial(self._first, j, part)
                self.add(f"jvp, argument {j}", "differences", find)
            if reverse:
                find = partial(self._adjoint, part, alone) if forward else partial(self._pulled, part)
                self.add(f"vjp, argument {j}", "jvp" if forward else "differences", find)
        if forward and len(arguments) > 1:
            self.add("jvp, all", "differences", lambda: self.differences(self.function, us, self.push(us, *xs)))
        if forward:
            self.add(f"jvp, {ROWS} directions", "one by one", self._directions)
        if reverse:
            self.add(f"vjp, {ROWS} rows", "one by one", self._several_rows)

    def second_order(self, forward: bool, reverse: bool) -> None:
        """Check second derivatives: of <v, f> along u and w, or as a vector along w."""
        xs, us, ws, vs = self.xs, self.us, self.ws, self.vs
        pushed, pulled = partial(self.push, us), partial(self.pull, vs)
        if forward:
            self.add(
                "jvp of jvp", "differences of jvp",
                lambda: self.differences(pushed, ws, jvp(pushed, xs, ws)[1]),
            )  # fmt: skip
        if reverse and not forward:
            self.add(
                "vjp of vjp", "differences of vjp",
                lambda: self.differences(pulled, ws, self._vjp_of_vjp()),
            )  # fmt: skip
        if forward and reverse:
            # What is zero, because terms cancel, is here only zero up to the round-off of what was differentiated.
            directions = dict(enumerate(us))
            self.add(
                "jvp of vjp", "jvp of jvp",
                lambda: self.same_product(
                    [(directions, jvp(pulled, xs, ws)[1]), (vs, jvp(pushed, xs, ws)[1])], (directions, pulled(*xs))
                ),
            )  # fmt: skip
            for name, found in (("vjp of jvp", self._vjp_of_jvp), ("vjp of vjp", self._vjp_of_vjp)):
                find = partial(self._same_as_jvp_of_vjp, found, pulled)
                self.add(name, "jvp of vjp", find)

    def _vjp_of_jvp(self) -> Trees:
        return dict(enumerate(vjp(partial(self.push, self.ws), *self.xs)[1](self.vs)))

    def _vjp_of_vjp(self) -> Trees:
        return dict(enumerate(vjp(partial(self.pull, self.vs), *self.xs)[1](dict(enumerate(self.ws)))))

    def _same_as_jvp_of_vjp(self, found: Callable[[], Trees], pulled: Callable[..., Trees]) -> Finding:
        return self.equal(found(), *reversed(jvp(pulled, self.xs, self.ws)))

    def _arguments(self) -> Finding:
        for before, after in zip(self._leaves, self.used, strict=True):
            if isinstance(before, np.ndarray) and before.tobytes() != after.tobytes():
                raise InputError("the function changes its arguments in place; its derivatives are refused")
        return Verdict.AGREES, 0.0, 0.0

    def _value(self, found: Trees) -> Finding:
        for i, out in self.outs.items():
            if np.asarray(found[i]).dtype != out.dtype:
                raise InputError(f"dtype {np.asarray(found[i]).dtype}, where the plain function gives {out.dtype}")
        return self.equal(found, self.outs)

    def _first(self, j: int, us: list[Any]) -> Finding:
        # Other arguments are constants here: a rule may treat them otherwise than directions that are zero.
        active = [i for i, owner in enumerate(self.owners) if owner == j]

        def of_one(*parts: Any) -> Trees:
            xs = list(self.xs)
            for i, x in zip(active, parts, strict=True):
                xs[i] = x
            return self.function(*xs)

        found = jvp(of_one, [self.xs[i] for i in active], [us[i] for i in active])[1]
        return self.differences(self.function, us, found)

    def _adjoint(self, us: list[Any], alone: list[int]) -> Finding:
        bars = self.pull(self.vs, *self.xs)
        pulled = {i: bars[i] for i in alone}
        return self.same_product([(self.push(us, *self.xs), self.vs), ({i: us[i] for i in alone}, pulled)])

    def _pulled(self, us: list[Any]) -> Finding:
        bars = self.pull(self.vs, *self.xs)
        slope = sum(float(np.sum((np.conj(u) * bars[i]).real)) for i, u in enumerate(us))

        def weighted(*xs: Any) -> Trees:
            outs = self.function(*xs)
            return {0: sum(np.sum((np.conj(v) * outs[i]).real) for i, v in self.vs.items())}

        return self.differences(weighted, us, {0: np.float64(slope)})

    def _directions(self) -> Finding:
        together = self.push([np.stack(parts) for parts in zip(*self.more, strict=True)], *self.xs)
        return self.equal(together, _stacked([self.push(us, *self.xs) for us in self.more]))

    def _several_rows(self) -> Finding:
        together = self.pull(_stacked(self.rows), *self.xs)
        return self.equal(together, _stacked([self.pull(vs, *self.xs) for vs in self.rows]))


def _direction(x: Any, rng: np.random.Generator) -> Any:
    """Steps that are large beside none of the elements."""
    size = np.abs(x)
    largest = float(np.max(size, initial=0.0)) or 1.0
    return (np.where(size == 0, largest, size) * _random(x, rng, 0.5)).astype(x.dtype)[()]


def _weights(out: Any, rng: np.random.Generator) -> Any:
    return _random(out, rng, 0.5).astype(out.dtype)[()]


def _random(like: Any, rng: np.random.Generator, least: float) -> Any:
    """Numbers between `least` and 1 with random signs, or phases."""
    size = rng.uniform(least, 1.0, like.shape)
    if like.dtype.kind == "c":
        return np.asarray(size * np.exp(2j * np.pi * rng.uniform(size=like.shape)))
    return np.asarray(size * rng.choice([-1.0, 1.0], like.shape))


def _product(a: Trees, b: Trees) -> tuple[float, float]:
    """Re sum(conj(a) b), and the sum of the terms' sizes."""
    terms = [(np.conj(a[i]) * b[i]).real for i in a]
    return sum(float(np.sum(term)) for term in terms), sum(float(np.sum(np.abs(term))) for term in terms)


def _stacked(rows: Sequence[Trees]) -> Trees:
    return {i: np.stack([row[i] for row in rows]) for i in rows[0]}


def _flat(tree: Trees) -> np.ndarray:
    """All numbers of a tree, real and imaginary parts apart."""
    parts = []
    for leaf in tree.values():
        array = np.ravel(np.asarray(primal_all(leaf)))
        parts += [array.real, array.imag] if array.dtype.kind == "c" else [array]
    return np.concatenate(parts)


def _judged(difference: float, allowed: float) -> Finding:
    if np.isnan(difference) or np.isinf(allowed):
        return Verdict.NOISY, difference, allowed
    return Verdict.AGREES if difference <= allowed else Verdict.DIFFERS, difference, allowed


def _badness(finding: Finding) -> tuple[int, float]:
    return SEVERITY.index(finding[0]), finding[1] - finding[2]
