"""Calls of products with sparse matrices, in all formats of SciPy."""

from __future__ import annotations

from scipy import sparse

from dualnum.matrices import matrix_product
from tests.samples import Sample
from tests.samples.products import makers

real, plane = makers(23)

DENSE = real(4, 3) * [[1, 0, 1], [0, 0, 1], [0, 0, 0], [1, 1, 0]]
FORMATS = ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")
ARRAYS = [sparse.coo_array(DENSE).asformat(name) for name in FORMATS]
MATRIX = sparse.csr_matrix(DENSE)

SAMPLES = [
    *(Sample(matrix_product, (array, real(3)), active=(1,), complex_ok=True) for array in ARRAYS),
    *(Sample(matrix_product, (array, real(3, 2)), active=(1,), complex_ok=True) for array in ARRAYS),
    Sample(matrix_product, (sparse.csr_array(plane(4, 3)), plane(3)), active=(1,)),
    Sample(matrix_product, (sparse.csr_array(plane(4, 3)), real(3, 1)), active=(1,)),
    Sample(matrix_product, (sparse.csr_array((0, 3)), real(3)), active=(1,)),
    Sample(matrix_product, (sparse.csr_array((3, 0)), real(0, 2)), active=(1,)),
    Sample(lambda x: ARRAYS[3].dot(x), (real(3),), complex_ok=True),
    Sample(lambda x: ARRAYS[1].dot(x), (real(3),), complex_ok=True),
    *(Sample(lambda x, array=array: x @ array, (real(2, 4),), complex_ok=True) for array in ARRAYS),
    Sample(lambda x: x @ ARRAYS[3], (real(4),)),
    Sample(lambda x: MATRIX * x + MATRIX @ x, (real(3),), complex_ok=True),
    Sample(lambda x: x * MATRIX, (real(4),)),
    Sample(lambda x: sparse.coo_array(DENSE[:1]) @ x, (real(3),)),  # a number, with SciPy
    Sample(lambda x: x @ sparse.coo_array(DENSE[0]), (real(3),)),
    Sample(lambda x: sparse.coo_array(DENSE[0]) @ x, (real(3, 2),)),
]
