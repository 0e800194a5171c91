"""The benchmark of sparse derivatives measures the right things."""

import numpy as np
import pytest

from benchmarks import sparse
from dualnum import columns, sparse_columns


@pytest.mark.parametrize("name", sparse.CASES)
def test_all_ways_agree(name, monkeypatch):
    done = []
    by_terms = columns.jacobian_by_terms
    for module in (columns, sparse_columns):
        monkeypatch.setattr(module, "jacobian_by_terms", lambda *args: done.append(by_terms(*args)) or done[-1])
    found = {way: call() for way, call in sparse.CASES[name].contestants(200).items()}
    assert list(found) == ["sparse", "array", "blocks"]
    assert len(done) == 2  # blocks do not ask
    assert None not in done
    np.testing.assert_allclose(found["sparse"].toarray(), found["blocks"], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found["array"], found["blocks"], rtol=1e-12, atol=1e-12)


def test_the_table_prints(capsys):
    assert sparse.main(["--repeat", "1", "--sizes", "40", "3000"]) == 0
    rows = [line.split("|")[1:-1] for line in capsys.readouterr().out.splitlines() if line.startswith("| ")][2:]
    assert [row[0].strip() for row in rows] == [name for name in sparse.CASES for _ in range(2)]
    assert [bool(row[-1].strip()) for row in rows] == [True, False] * len(sparse.CASES)
