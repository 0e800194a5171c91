"""``python -m dualnum``: the same as the command ``dualnum``."""

import sys

from dualnum.cli import main

sys.exit(main())
