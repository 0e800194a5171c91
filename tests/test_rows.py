"""Every row of the table stands the same checks, on all samples; and every check can fail."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import tests.samples
from tests.row_checks import CHECKS

MODULES = sorted(module.name for module in pkgutil.iter_modules(tests.samples.__path__))
SAMPLES = [
    pytest.param(sample, id=f"{name}-{i}-{getattr(sample.function, '__name__', 'call')}")
    for name in MODULES
    for i, sample in enumerate(importlib.import_module(f"tests.samples.{name}").SAMPLES)
]


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_row(check, sample):
    check(sample)
