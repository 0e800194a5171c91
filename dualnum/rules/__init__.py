"""The rows of the table, one module per branch of mathematics; importing this package fills the table.

Those of SciPy's functions are loaded when they are first asked for.
"""

from dualnum.rules import (
    applying as applying,
)
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
    decompositions as decompositions,
)
from dualnum.rules import (
    einsum as einsum,
)
from dualnum.rules import (
    elementwise as elementwise,
)
from dualnum.rules import (
    fft as fft,
)
from dualnum.rules import (
    indexing as indexing,
)
from dualnum.rules import (
    interpolation as interpolation,
)
from dualnum.rules import (
    joining as joining,
)
from dualnum.rules import (
    linalg as linalg,
)
from dualnum.rules import (
    norms as norms,
)
from dualnum.rules import (
    padding as padding,
)
from dualnum.rules import (
    products as products,
)
from dualnum.rules import (
    pseudoinverse as pseudoinverse,
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
    sorting as sorting,
)
from dualnum.rules import (
    statistics as statistics,
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

TABLE.late.append("dualnum.rules.special")
