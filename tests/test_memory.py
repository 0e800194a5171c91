"""Memory that one operation has freed serves the next."""

import os
import pathlib
import subprocess
import sys

import pytest

import dualnum

COUNT_FAULTS = """
import resource
import numpy as np
from dualnum import jacobian

def f(x):
    for _ in range(10):
        x = x + 0.01 * np.roll(x, 1) * x
    return x

J = jacobian(f, mode="forward", chunk=50)
J(np.ones(2000))
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
J(np.ones(2000))
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it is glibc that is told")
@pytest.mark.parametrize(
    "environment", [{}, {"MALLOC_TRIM_THRESHOLD_": "65536"}], ids=["plain", "as dask's workers have it"]
)
def test_pages_are_not_given_back_between_operations(environment):
    path = str(pathlib.Path(dualnum.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", COUNT_FAULTS],
        env={**os.environ, "PYTHONPATH": path, **environment}, capture_output=True, check=True, text=True,
    )  # fmt: skip
    # Each page of each intermediate result would be some 400,000; the Jacobian itself has 8,000.
    assert int(done.stdout) < 40_000
