"""The benchmark of second derivatives measures the right things: those by hand are right, and so are all contestants."""

import numpy as np
import pytest

from benchmarks import __main__ as command_line
from benchmarks import second_order
from benchmarks.comparison import deviation
from benchmarks.peers import SECOND_ORDER_PEERS, Contestant

HESSIANS = [problem for problem in second_order.PROBLEMS if not problem.tangents]
(PRODUCT,) = (problem for problem in second_order.PROBLEMS if problem.tangents)
ONE_ROUND = ["--repeat", "1", "--batch", "1e-6", "--peers"]


@pytest.mark.parametrize("problem", second_order.PROBLEMS, ids=lambda p: p.name)
def test_by_hand_is_the_second_derivative_by_complex_steps_of_differences(problem):
    rng, h, step = np.random.default_rng(0), 1e-30, 1e-4
    (x,) = problem.primals
    u = rng.standard_normal(x.shape)
    (v,) = problem.tangents or (rng.standard_normal(x.shape) * x,)

    def slope(t):  # exact along u; the maximum of complex numbers is that of their real parts
        return problem.function(x + t * v + 1j * h * u, *problem.data).imag / h

    pairs = [(slope(k * step) - slope(-k * step)) / (2 * k * step) for k in (1, 2)]
    expected = (4 * pairs[0] - pairs[1]) / 3
    found = problem.by_hand(*problem.primals, *problem.tangents, *problem.data)
    assert u @ (found if problem.tangents else found @ v) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("problem", HESSIANS, ids=lambda p: p.name)
@pytest.mark.parametrize("name", second_order.HESSIANS)
def test_every_mode_is_right(problem, name):
    assert deviation(problem, second_order.HESSIANS[name](problem).results()) < 1e-13


def test_the_product_is_right():
    assert deviation(PRODUCT, second_order.PRODUCTS["dualnum"](PRODUCT).results()) < 1e-12


@pytest.mark.parametrize("problem", second_order.PROBLEMS, ids=lambda p: p.name)
@pytest.mark.parametrize("name", SECOND_ORDER_PEERS)
@pytest.mark.filterwarnings("ignore:::torch")  # what libraries warn of when imported is not ours to mend
def test_peers_are_right_where_installed(problem, name):
    if SECOND_ORDER_PEERS[name].version is None:
        pytest.skip(f"{name} is not installed")
    if problem is PRODUCT and name == "num-dual":
        pytest.skip("it has no product with a vector")
    assert deviation(problem, SECOND_ORDER_PEERS[name].adapt(problem).results()) < 1e-12


def test_command_line_prints_both_tables(capsys):
    assert command_line.main(["second-order", *ONE_ROUND]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert [row.split("|")[1].strip() for row in rows if "---" not in row] == [
        "problem",
        *(problem.name for problem in HESSIANS),
        "problem",
        PRODUCT.name,
    ]


def test_a_wrong_hessian_makes_the_benchmark_fail(monkeypatch, capsys):
    problem = HESSIANS[1]
    wrong = 2 * problem.by_hand(*problem.primals)
    monkeypatch.setitem(second_order.HESSIANS, "dualnum", lambda problem: Contestant.calling(lambda: wrong, np.asarray))
    assert second_order.main([*ONE_ROUND, "--problems", problem.name]) == 1
    assert "WRONG" in capsys.readouterr().out
