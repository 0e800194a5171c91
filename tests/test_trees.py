"""Trees."""

import os
import pathlib
import subprocess
import sys

import dualnum

PROGRAM = """
import sys
import numpy as np
import dualnum
dualnum.grad(np.sum)(np.ones(3))
dualnum.jacobian(np.sin)(np.ones(3))
assert "optree" not in sys.modules
assert dualnum.grad(lambda p: p["a"] * p["b"])({"a": 2.0, "b": 3.0}) == {"a": 3.0, "b": 2.0}
assert "optree" in sys.modules
"""


def test_optree_is_imported_with_the_first_tree():
    root = str(pathlib.Path(dualnum.__file__).parents[1])
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, timeout=120, env=os.environ | {"PYTHONPATH": root})
