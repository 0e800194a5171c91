"""Rows of the pseudo-inverse and of least squares.

Source: Golub & Pereyra, The differentiation of pseudo-inverses and nonlinear least squares problems whose variables
separate, 1973. The formula holds where small changes leave the rank alone; NumPy sees to that, for it takes singular values
below a bound as zero.
"""

from __future__ import annotations

import numpy as np

from dualnum.dispatch import primal_all
from dualnum.errors import DualnumError
from dualnum.packing import as_operand
from dualnum.rules.products import conj
from dualnum.table import constant, nonlinear

constant(np.linalg.matrix_rank)
