"""The Jacobian of a function of one array as a sparse matrix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from dualnum.boundary import Result, aux_at, primal_at, tangent_at
from dualnum.columns import blocks, jacobian_by_terms, run_block
from dualnum.digests import Same
from dualnum.errors import InputError
from dualnum.levels import current_level
from dualnum.packing import ACTIVE_TYPES
from dualnum.sparse import SparseDual
from dualnum.trees import tree_map

__all__ = ["sparse_jacobian_of"]


def sparse_jacobian_of(
    f: Callable[[Any], Any], x: Any, chunk: int | None, has_aux: bool, where: str
) -> tuple[Any, Any, Any]:
    """Value, Jacobian (a `scipy.sparse.csr_array`) and auxiliary result of a function of one array."""
    if current_level() or x.__class__ in ACTIVE_TYPES:
        raise InputError(
            f"{where}: sparse=True is for the outermost derivative, and this one is taken inside of another."
        )
    found = jacobian_by_terms(f, x, has_aux, where, _block) if chunk is None else None
    return _by_blocks(f, x, chunk, has_aux, where) if found is None else found


def _block(leaf: Any, x: Any, level: int) -> Any:
    if isinstance(leaf, SparseDual) and leaf._level == level:
        return _matrix([leaf.triples()], np.size(leaf), x)
    return _matrix([_nonzero(tangent_at(leaf, level, x.size), 0)], np.size(leaf), x)


def _nonzero(tangents: np.ndarray, start: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Elements by number, inputs and derivatives, of a block of directions."""
    rows = tangents.reshape(len(tangents), -1)
    directions, elements = np.nonzero(rows)
    return elements, start + directions, rows[directions, elements]


def _matrix(triples: Sequence[Any], size: int, x: Any) -> Any:
    from scipy.sparse import csr_array

    rows, columns, numbers = (np.concatenate(parts) for parts in zip(*triples, strict=True))
    matrix = csr_array((numbers, (rows, columns)), shape=(size, x.size))
    matrix.eliminate_zeros()
    return matrix


def _by_blocks(f: Callable[[Any], Any], x: Any, chunk: int | None, has_aux: bool, where: str) -> tuple[Any, Any, Any]:
    """Push blocks of directions, of which no more than one is held at a time."""
    value = aux = None
    triples: list[list[Any]] = []
    same = Same(where)
    for start, k in blocks(x, chunk):
        y, level = run_block(f, x, start, k)
        y, extra = y if has_aux else (y, None)
        result = Result(y, where)
        if not start:
            value = result.map(partial(primal_at, level=level))
            aux = tree_map(partial(aux_at, level=level), extra, none_is_leaf=True) if has_aux else None
            triples = [[] for _ in result.leaves]
        same.check(result)
        for found, leaf in zip(triples, result.leaves, strict=True):
            tangent = tangent_at(leaf, level, k)
            found.append(_nonzero(tangent[None] if k is None else tangent, start))
    matrices = [_matrix(found, np.size(leaf), x) for found, leaf in zip(triples, result.leaves, strict=True)]
    return value, result.rebuild(matrices), aux
