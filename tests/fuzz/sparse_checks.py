"""What must agree when the Jacobian of a program is taken by terms; raises an AssertionError where it does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dualnum.columns import jacobian_by_terms, jacobian_of
from tests.fuzz.checks import Tally, check_parts, is_float, run, single
from tests.fuzz.programs import Program
from tests.row_checks import assert_same_bits

__all__ = ["check_sparse"]


def check_sparse(program: Program, tally: Tally) -> None:
    """Check a program by terms; where dualnum refuses a line, what comes before it."""
    check_parts(program, tally, [check_terms])


def of_vector(program: Program) -> tuple[Any, np.ndarray]:
    """The program as a function of the vector of all its inputs, and the vector."""
    inputs = program.fresh()
    ends = np.cumsum([0, *[x.size for x in inputs]])

    def function(z: Any) -> dict[str, Any]:
        given = []
        for x, start, end in zip(program.fresh(), ends, ends[1:], strict=False):
            order = "F" if x.flags.f_contiguous and not x.flags.c_contiguous else "C"
            piece = z[start:end].reshape(x.shape, order=order).astype(x.dtype, order="K")
            given.append(piece if isinstance(x, np.ndarray) else piece[()])
        results = zip(program.names, run(program, given), strict=True)
        return {name: y for name, y in results if is_float(y)}

    return function, np.concatenate([np.zeros(0), *[x.ravel(order="K") for x in inputs]], dtype=float)


def check_terms(program: Program, tally: Tally) -> None:
    """Values are the same bit for bit, and derivatives to rounding, with few terms and with many."""
    if any(x.dtype.kind == "c" for x in program.inputs):  # no part of a real vector
        return
    function, z = of_vector(program)
    if not z.size:
        return
    values, expected, _ = jacobian_of(function, z.copy(), z.size, False, "f")
    for most in (4, 10**6):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("dualnum.directions._FEW", most)
            patch.setattr("dualnum.columns.FEWEST", 1)
            found = jacobian_by_terms(function, z, False, "f")
        tally["sparse"] += 1
        if found is None:
            tally["sparse: left to blocks"] += 1
            continue
        for name, value in found[0].items():
            assert_same_bits(np.asarray(value)[()], np.asarray(values[name])[()])
            _assert_blocks_agree(found[1][name], expected[name], value, program, name)


def _assert_blocks_agree(block: Any, expected: Any, value: Any, program: Program, name: str) -> None:
    assert block.shape == expected.shape
    assert block.dtype == expected.dtype
    # Of what is not a number, derivatives along directions that it does not depend on may be 0 or nan.
    free = np.isnan(expected) & (block == 0) | ~np.isfinite(np.asarray(value))[..., None]
    block, expected = (np.where(free, 0.0, part) for part in (block, expected))
    finite = np.isfinite(expected)
    assert np.array_equal(finite, np.isfinite(block)), f"by terms, {name}: {block!r}, by blocks {expected!r}"
    scale = np.max(np.abs(expected), initial=1.0, where=finite)
    tolerance = 1e-4 if single(program) else 1e-9
    off = np.max(np.abs(np.subtract(block, expected, where=finite, out=np.zeros_like(block))), initial=0.0)
    assert off <= tolerance * scale, f"by terms, {name}: {block!r}, by blocks {expected!r}"
