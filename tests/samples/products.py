"""Calls of contractions: matmul and its relatives, dot, inner, tensordot, vdot."""

from __future__ import annotations

import numpy as np

from tests.samples import Sample


def makers(seed):
    """Functions that make real and complex random arrays; each module has its own, so that none disturbs another."""
    rng = np.random.default_rng(seed)

    def real(*shape):
        return rng.normal(size=shape)

    def plane(*shape):
        return rng.normal(size=shape) + 1j * rng.normal(size=shape)

    return real, plane


real, plane = makers(11)
BOTH = (0, 1)
MATMUL_SHAPES = [
    *(((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4))),
    *(((5, 2, 3), (3,)), ((5, 2, 3), (3, 4)), ((3,), (5, 3, 4)), ((2, 3), (5, 3, 4))),
    *(((2, 1, 2, 3), (4, 3, 2)), ((4, 2, 3), (2, 1, 3, 2)), ((3,), (2, 1, 3, 2))),
    *(((1, 3), (3, 4)), ((2, 1, 3), (3, 4)), ((2, 3), (3, 1)), ((2, 0), (0, 3)), ((0, 2), (2, 3))),
]
DOT_SHAPES = [
    *(((), ()), ((), (3,)), ((2, 3), ()), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4))),
    *(((2, 2, 3), (3,)), ((2, 2, 3), (3, 4)), ((3,), (2, 3, 4)), ((2, 3), (2, 3, 4)), ((2, 2, 3), (2, 3, 2))),
    ((2, 0), (0, 3)),
]
INNER_SHAPES = [
    *(((), (2,)), ((3,), (3,)), ((2, 3), (3,)), ((3,), (4, 3)), ((2, 3), (4, 3))),
    *(((2, 3), (2, 4, 3)), ((2, 2, 3), (4, 3)), ((2, 0), (3, 0))),
]
VECDOT_SHAPES = [((3,), (3,)), ((2, 3), (3,)), ((3,), (2, 3)), ((2, 1, 3), (4, 3)), ((2, 4, 3), (2, 4, 3))]
TENSORDOT_CASES = [
    *(((2, 3, 4), (3, 4, 2), {}), ((2, 3), (3, 4), {"axes": 1}), ((2,), (3, 2), {"axes": 0})),
    ((2, 3, 4), (4, 5, 2), {"axes": ([0, 2], [2, 0])}),
    ((2, 3, 4), (4, 2), {"axes": (-1, 0)}),
    ((3, 4), (4, 3, 2), {"axes": ([0, 1], [1, 0])}),
    ((2, 3, 4), (3, 4), {"axes": ([1, 2], [0, 1])}),
    ((2, 3), (3, 2), {"axes": ([0, 1], [-1, 0])}),
]

SAMPLES = [
    *(Sample(np.matmul, (real(*a), real(*b)), active=BOTH, complex_ok=True) for a, b in MATMUL_SHAPES),
    *(Sample(np.matmul, (real(2, 3), real(3, 4)), active=(i,)) for i in BOTH),
    *(Sample(np.matmul, (plane(2, 3), real(3)), active=(i,)) for i in BOTH),
    Sample(np.matmul, (real(3, 2).T, real(4, 3).T), active=BOTH),
    Sample(np.matmul, (real(2, 6)[:, ::2], np.arange(12).reshape(3, 4))),
    Sample(np.matmul, ([[1, 2], [3, 4]], real(2)), active=(1,)),
    Sample(np.matmul, (real(3, 2, 4), real(3, 5, 4)), {"axes": [(1, 0), (0, 1), (2, 0)]}, BOTH),
    Sample(np.matmul, (real(3), real(4, 3, 5)), {"axes": [0, (-2, -1), 0]}, BOTH),
    Sample(np.linalg.matmul, (real(2, 3), real(4, 3, 2)), active=BOTH, complex_ok=True),
    *(Sample(np.vecdot, (real(*a), real(*b)), active=BOTH) for a, b in VECDOT_SHAPES),
    *(Sample(np.vecdot, (plane(*a), plane(*b)), active=BOTH) for a, b in VECDOT_SHAPES),
    Sample(np.vecdot, (plane(3, 2), real(4, 3, 2)), {"axis": -2}, BOTH),
    Sample(np.vecdot, (plane(4, 3, 2), real(3, 2)), {"axis": -2, "keepdims": True}, BOTH),
    Sample(np.vecdot, (plane(3, 4), plane(4, 3)), {"axes": [0, 1]}, BOTH),
    Sample(np.vecdot, (plane(3, 4), plane(3, 4)), {"axes": [(0,), (0,), (1,)], "keepdims": True}, BOTH),
    Sample(np.linalg.vecdot, (plane(3, 2), plane(3, 2)), {"axis": 0}, BOTH),
    *(Sample(np.dot, (real(*a), real(*b)), active=BOTH, complex_ok=True) for a, b in DOT_SHAPES),
    *(Sample(np.dot, (real(2, 3), plane(3)), active=(i,)) for i in BOTH),
    Sample(np.dot, (2.5, real(3)), active=BOTH),
    *(Sample(np.inner, (real(*a), real(*b)), active=BOTH, complex_ok=True) for a, b in INNER_SHAPES),
    *(Sample(np.vdot, (real(*s), real(*s)), active=BOTH) for s in [(), (3,), (2, 3)]),
    *(Sample(np.vdot, (plane(2, 3), plane(3, 2)), active=(i,)) for i in BOTH),
    Sample(np.vdot, (real(3), plane(3)), active=BOTH),
    *(
        Sample(np.tensordot, (real(*a), real(*b)), axes, BOTH, complex_ok=True)
        for a, b, axes in TENSORDOT_CASES
        if not axes or np.ndim(axes["axes"]) or axes["axes"] < 2
    ),
    Sample(np.tensordot, (plane(2, 3), real(3, 2)), {"axes": ([1], [0])}, BOTH),
    Sample(np.linalg.tensordot, (real(2, 3, 4), real(3, 4, 2)), {"axes": 2}, BOTH),
]

if hasattr(np, "matvec"):  # NumPy 2.2
    MATVEC_SHAPES = [((2, 3), (3,)), ((5, 2, 3), (3,)), ((2, 3), (5, 3)), ((5, 2, 3), (5, 3)), ((2, 1, 2, 3), (4, 3))]
    SAMPLES += [
        *(Sample(np.matvec, (real(*a), real(*b)), active=BOTH, complex_ok=True) for a, b in MATVEC_SHAPES),
        *(Sample(np.vecmat, (real(*b), real(*a).mT), active=BOTH) for a, b in MATVEC_SHAPES),
        *(Sample(np.vecmat, (plane(*b), plane(*a).mT), active=BOTH) for a, b in MATVEC_SHAPES),
        Sample(np.matvec, (real(2, 3, 5), real(2, 5)), {"axes": [(1, 0), 0, 1]}, BOTH),
        Sample(np.vecmat, (plane(3, 5), plane(3, 2, 5)), {"axes": [0, (0, 1), 0]}, BOTH),
    ]
