"""The table and NumPy's own lists are the same set, and the rules have NumPy's parameters."""

from __future__ import annotations

import inspect
import pkgutil
from collections import Counter
from importlib import import_module

import numpy as np
import pytest
from numpy.testing.overrides import get_overridable_numpy_array_functions, get_overridable_numpy_ufuncs

import dualnum.rules
from dualnum import primitives, table
from dualnum.dispatch import ActiveArray, apply_function
from dualnum.table import TABLE, Composite, Constant, Elementwise, Linear, Nonlinear, Unsupported, constant
from tests import row_checks
from tests.samples import samples_by_module

KINDS = (Elementwise, Linear, Nonlinear, Composite, Constant, Unsupported)
TABLE.load()


def public(function):
    """What a user gets by the name of a function; NumPy lists some that are only called by the one of their name."""
    return getattr(import_module(function.__module__), function.__name__, function)


ARRAY_FUNCTIONS = {public(function) for function in get_overridable_numpy_array_functions()}
UFUNCS = get_overridable_numpy_ufuncs()
# Rules may have functions of their own (np.clip with the bounds in their positions), which have rows too.
OWN = {
    value
    for module in (
        primitives,
        *(import_module(m.name) for m in pkgutil.walk_packages(dualnum.rules.__path__, "dualnum.rules.")),
    )
    for value in vars(module).values()
    if inspect.isfunction(value) and value.__module__.startswith("dualnum.")
}


def differentiable():
    return [row for row in TABLE.values() if not isinstance(row, (Constant, Unsupported))]


# --- the same set -----------------------------------------------------------------------------------------------------


def test_numpy_lists_what_it_should():
    assert {np.sum, np.linalg.svd, np.fft.fft, np.roots} <= ARRAY_FUNCTIONS
    assert {np.add, np.matmul} <= UFUNCS


def test_every_function_of_numpy_has_a_row():
    assert sorted(table.function_name(f) for f in ARRAY_FUNCTIONS | UFUNCS if f not in TABLE) == []


def is_of_numpy(function):
    """Whether a function is one of NumPy's, though this version of NumPy may not dispatch it."""
    return getattr(function, "__module__", "").startswith("numpy") and public(function) is function


def is_of_scipy(function):
    return isinstance(function, np.ufunc) or getattr(function, "__module__", "").startswith(
        tuple(f"scipy.{name}" for name in "special linalg fft stats signal ndimage".split())
    )


def test_every_row_belongs_to_a_function_of_numpy_of_scipy_or_of_the_rules():
    known = ARRAY_FUNCTIONS | UFUNCS | OWN
    rest = [f for f in TABLE if f not in known and not is_of_numpy(f) and not is_of_scipy(f)]
    # Functions that a rule makes, one for each function of NumPy that it serves.
    made = [f for f in rest if f.__module__.startswith("dualnum.rules.") and "<locals>" in f.__qualname__]
    assert set(rest) == set(made)


def test_every_row_has_exactly_one_kind():
    assert all(sum(isinstance(row, kind) for kind in KINDS) == 1 for row in TABLE.values())
    assert all(row.function is function for function, row in TABLE.items())
    with pytest.raises(ValueError, match=r"numpy\.exp already has a row"):
        constant(np.exp)


def test_every_kind_of_row_is_there():
    assert Counter(type(row) for row in TABLE.values()).keys() == set(KINDS)


def test_reasons_are_given():
    assert all(len(row.reason) > 10 for row in TABLE.values() if isinstance(row, Unsupported))


# --- directions together ----------------------------------------------------------------------------------------------


def is_batched(row):
    """Whether directions are pushed together; elementwise rows always do, and composites as far as their parts do."""
    if isinstance(row, Linear):
        return row.transposes.keys() <= row.batched.keys()
    return row.batched if isinstance(row, Nonlinear) else True


def test_nearly_all_rows_push_directions_together():
    flags = [is_batched(row) for row in differentiable()]
    assert sum(flags) >= 0.8 * len(flags)


# --- parameters -------------------------------------------------------------------------------------------------------

#: Stand for "not given", in NumPy's signatures or in ours; False and True are what is then meant.
NOT_GIVEN = (np._NoValue, False, True)

#: These never come as far as the rules; the last is an old name of `method`, which NumPy 2.4 has given up.
LEFT_OUT = {"out", "like", "interpolation"}

#: Where NumPy's versions differ, or the functions themselves take arguments in many ways.
OTHER_PARAMETERS = {
    np.may_share_memory: "the default of max_work differs between versions",
    np.corrcoef: "until NumPy 2.3 it had arguments that did nothing",
    np.where: "it takes one argument or three",
}

POSITIONAL_ONLY, NAMED, VAR_POSITIONAL, KEYWORD_ONLY, VAR_KEYWORD = inspect._ParameterKind


def parameters_of(function, skipped=0):
    """Parameters of a function, or None where NumPy does not tell."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError:
        return None
    return [p for p in parameters[skipped:] if p.name not in LEFT_OUT]


def rules_of(row):
    """Functions that get the arguments as the user gives them (transposes get a cotangent first)."""
    if isinstance(row, Composite):
        yield "body", parameters_of(row.body)
    if isinstance(row, Nonlinear):
        yield "rule", parameters_of(row.rule)
    for i, batched in getattr(row, "batched", {}).items() if isinstance(row, Linear) else ():
        yield f"batched {i}", parameters_of(batched)
    for i, transpose in getattr(row, "transposes", {}).items():
        yield f"transpose {i}", parameters_of(transpose, 1)


def faults(theirs, ours, first_is_moved=True):
    """Differences between NumPy's parameters and those of a rule.

    The name of a first argument that is active does not matter, for such arguments are moved to their positions.
    """
    rest = {p.kind for p in ours if p.kind in (VAR_POSITIONAL, VAR_KEYWORD)}
    ours = [p for p in ours if p.kind not in rest]
    for place, p in enumerate(theirs):
        if p.kind in (VAR_POSITIONAL, VAR_KEYWORD):
            if p.kind not in rest:
                yield f"*{p.name} is missing"
            continue
        by_name = [mine for mine in ours if mine.name.removesuffix("_dot") == p.name]
        mine = by_name[0] if by_name else None
        if p.kind == POSITIONAL_ONLY or (place == 0 and first_is_moved):
            mine = next((x for x in ours if x.kind <= NAMED), None)
        if mine is None:
            if not rest & ({VAR_POSITIONAL, VAR_KEYWORD} if p.kind <= NAMED else {VAR_KEYWORD}):
                yield f"{p.name} is missing"
            continue
        if p.kind <= NAMED and mine is not ours[0]:
            yield f"{p.name} is not at its position"
        ours.remove(mine)
        same = mine.default is p.default or mine.default == p.default or p.default is p.empty
        if not same and not (mine.default in NOT_GIVEN and p.default in NOT_GIVEN):
            yield f"{p.name} has the default {mine.default}, not {p.default}"
    yield from (f"{mine.name} is not NumPy's" for mine in ours if mine.default is mine.empty)


@pytest.mark.parametrize(
    "function", sorted(ARRAY_FUNCTIONS - OTHER_PARAMETERS.keys(), key=table.function_name), ids=table.function_name
)
def test_parameters_are_those_of_numpy(function):
    theirs, row = parameters_of(function), TABLE[function]
    for what, ours in rules_of(row) if theirs is not None else ():
        assert [f"{what}: {fault}" for fault in faults(theirs, ours, not isinstance(row, Composite))] == []


def test_differences_of_parameters_are_found():
    def function(a, axis=None, *, keepdims=False):
        """Has the parameters that the rules below should have."""

    def check(rule, first_is_moved=False):
        return list(faults(parameters_of(function), parameters_of(rule), first_is_moved))

    assert check(lambda a, axis=None, *, keepdims=np._NoValue: None) == []
    assert check(lambda a_dot, axis=None, out=None, *, keepdims=True: None) == []
    assert check(lambda *args, **kwargs: None) == []
    assert check(lambda x, *args, **kwargs: None, True) == []
    assert check(lambda a, axis=None: None) == ["keepdims is missing"]
    assert check(lambda a, axis=0, *, keepdims=False: None) == ["axis has the default 0, not None"]
    assert check(lambda axis, a, **kwargs: None)[0] == "a is not at its position"
    assert check(lambda x, axis=None, *, keepdims=False: None)[-1] == "x is not NumPy's"


# --- every parameter --------------------------------------------------------------------------------------------------

#: What does not change a derivative: memory and classes of results, and names that NumPy has given up.
NOT_TRIED = LEFT_OUT | {"subok", "device", "casting", "max_work", "newshape", "bias", "rcond"}


def test_every_parameter_is_tried_by_a_sample(monkeypatch):
    tried = {}

    def note(function, args, kwargs):
        names = [p.name for p in parameters_of(function) or () if p.kind <= NAMED]
        tried.setdefault(function, set()).update(names[: len(args)], kwargs)

    def record(function, args, kwargs, *others):
        note(function, args, kwargs)
        return apply_function(function, args, kwargs, *others)

    def answer(self, function, types, args, kwargs):  # there is a short way from here
        note(function, args, kwargs)
        return array_function(self, function, types, args, kwargs)

    array_function = ActiveArray.__array_function__
    monkeypatch.setattr(ActiveArray, "__array_function__", answer)
    monkeypatch.setattr("dualnum.dispatch.apply_function", record)
    for samples in samples_by_module().values():
        for sample in samples:
            args = row_checks.arguments(sample)
            row_checks.call(sample, row_checks.lifted(args, row_checks.directions(sample, args)))
    missing = {
        f"{row.name}({parameter.name}=...)"
        for row in differentiable()
        if row.function in ARRAY_FUNCTIONS - OTHER_PARAMETERS.keys()
        for parameter in parameters_of(row.function) or ()
        if parameter.kind not in (VAR_POSITIONAL, VAR_KEYWORD)
        if parameter.name not in tried[row.function] | NOT_TRIED
    }
    assert sorted(missing) == []
