"""The rows of the table, one module per branch of mathematics.

Importing this package fills the table with those that almost every program needs. The others follow when a function is
looked up that has no row yet.
"""

from dualnum.rules import (
    comparing as comparing,
)
from dualnum.rules import (
    constant as constant,
)
from dualnum.rules import (
    creation as creation,
)
from dualnum.rules import (
    diagonals as diagonals,
)
from dualnum.rules import (
    dtypes as dtypes,
)
from dualnum.rules import (
    elementwise as elementwise,
)
from dualnum.rules import (
    extrema as extrema,
)
from dualnum.rules import (
    indexing as indexing,
)
from dualnum.rules import (
    joining as joining,
)
from dualnum.rules import (
    products as products,
)
from dualnum.rules import (
    reductions as reductions,
)
from dualnum.rules import (
    scans as scans,
)
from dualnum.rules import (
    shape as shape,
)
from dualnum.rules import (
    sparse_products as sparse_products,
)
from dualnum.rules import (
    trigonometric as trigonometric,
)
from dualnum.rules import (
    ufunc_methods as ufunc_methods,
)
from dualnum.rules import (
    unsupported as unsupported,
)
from dualnum.rules import (
    vector_products as vector_products,
)
from dualnum.table import TABLE

# The last ones are costly to load: they import more of NumPy, or SciPy.
LATE = (
    "applying",
    "decompositions",
    "einsum",
    "fft",
    "interpolation",
    "linalg",
    "norms",
    "padding",
    "polynomials",
    "pseudoinverse",
    "scimath",
    "sets",
    "sorting",
    "sparse_solves",
    "statistics",
    "foreign",
    "polynomial_grids",
    "scipy_fft",
    "scipy_linalg",
    "scipy_decompositions",
    "scipy_structured",
    "scipy_interpolate",
    "scipy_matrix_functions",
    "special",
)

TABLE.late += [f"{__name__}.{name}" for name in LATE]

# Rows of twins alone, loaded with these, for the modules of SciPy take long to import.
ON_DEMAND = {
    "scipy.signal": ("scipy_signal", "scipy_signal_resampling", "scipy_signal_spectra", "scipy_signal_peaks"),
    "scipy.signal.windows": ("scipy_signal_windows",),
    "scipy.ndimage": ("scipy_ndimage_filters", "scipy_ndimage_interpolation", "scipy_ndimage_measurements"),
}

TABLE.on_demand |= {module: tuple([f"{__name__}.{name}" for name in names]) for module, names in ON_DEMAND.items()}
