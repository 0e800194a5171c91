"""Every row of the table stands the checks of reverse mode, on all samples."""

from __future__ import annotations

import pytest

from tests import reverse_checks
from tests.test_rows import SAMPLES


@pytest.mark.parametrize("sample", [pytest.param(sample, id=label) for label, sample in SAMPLES])
def test_row(sample):
    for check in reverse_checks.CHECKS:
        check(sample)
