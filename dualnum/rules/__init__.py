"""The rows of the table, one module per branch of mathematics; importing this package fills the table."""

import os
from importlib import import_module

for _f in sorted(os.listdir(os.path.dirname(__file__))):
    if _f.endswith(".py") and not _f.startswith("_"):
        import_module("dualnum.rules." + _f[:-3])
