"""The benchmark of executors measures the right things."""

import numpy as np
import pytest

from benchmarks import parallel
from benchmarks.parallel import Measuring, diffusion, loop, start
from dualnum import jacobian


def test_what_is_sent(capsys, monkeypatch):
    small = {name: (f, 20, mode) for name, (f, _, mode) in parallel.PROBLEMS.items()}
    monkeypatch.setattr(parallel, "PROBLEMS", small)
    assert parallel.main(["--only", "sent", "--workers", "2"]) == 0
    rows = [line.split("|")[1:-1] for line in capsys.readouterr().out.splitlines() if line.startswith("| ")][2:]
    assert [row[0].strip() for row in rows] == list(parallel.PROBLEMS)
    for row in rows:
        x, sent = (int(cell.replace(",", "")) for cell in row[2:4])
        assert x < sent < x + 1000


def test_measuring_is_an_executor():
    measuring = Measuring(2)
    np.testing.assert_array_equal(jacobian(np.sin, executor=measuring)(start(8)), np.diag(np.cos(start(8))))
    assert len(measuring.sent) == len(measuring.returned) == 2


@pytest.mark.parametrize("f", [diffusion, loop])
def test_functions_are_smooth(f):
    assert np.all(np.isfinite(f(start(6))))


def test_a_worker_is_killed_on_the_way(tmp_path):
    pytest.importorskip("distributed")
    with parallel.cluster(2) as client:
        row = parallel.large_case(client, tmp_path, 60, snapshots=2, steps=2)
    assert (row[0], row[-1]) == ("killed", "60 of 60 columns")
