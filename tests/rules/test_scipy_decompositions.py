"""The decompositions of dualnum.scipy.linalg: phases, subsets, pairs of matrices, and what is refused."""

import numpy as np
import pytest
import scipy.linalg

from dualnum import Dual, DualnumError, NoRuleError, grad, hessian, jacobian, jvp
from dualnum.scipy import linalg
from tests.rules.test_decompositions import turned_like
from tests.samples.decompositions import positive
from tests.samples.products import makers

RNG = np.random.default_rng(32)
SYMMETRIC = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 5.0]])
METRIC = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, 0.2], [0.0, 0.2, 3.0]])


def eigenvectors(**options):
    return lambda a, b: linalg.eigh(a, b, **options)[1]


@pytest.mark.parametrize("make", makers(33))
@pytest.mark.parametrize(
    "vectors",
    [
        *(
            lambda a, b, d=d, low=low: linalg.eigh(a, lower=low, driver=d)[1]
            for d in ("ev", "evr")
            for low in (True, False)
        ),
        *(eigenvectors(type=kind, lower=low) for kind in (1, 2, 3) for low in (True, False)),
        eigenvectors(driver="gvx", subset_by_index=[1, 2]),
        lambda a, b: linalg.eig(a)[1],
        lambda a, b: linalg.svd(a)[0],
        lambda a, b: linalg.svd(a[:, :2], full_matrices=False, lapack_driver="gesvd")[0],
        lambda a, b: linalg.svd(a[:2], full_matrices=False)[2].mT,
        lambda a, b: linalg.qr(a)[0],
        lambda a, b: linalg.qr(a[:, :2], mode="economic", pivoting=True)[0],
        lambda a, b: linalg.qr(a[:, :2], mode="r")[0].mT,
    ],
)
def test_vectors_are_those_that_lapack_finds(make, vectors):
    args, directions = (make(3, 3), positive(make, 3, 3)), (make(3, 3), make(3, 3))
    v, v_dot = jvp(vectors, args, directions)

    def difference(h):
        ends = (vectors(*(x + s * d for x, d in zip(args, directions, strict=True))) for s in (h, -h))
        plus, minus = (turned_like(end, v) for end in ends)
        return (plus - minus) / (2 * h)

    np.testing.assert_allclose(v_dot, (4 * difference(5e-5) - difference(1e-4)) / 3, atol=1e-7 * np.max(np.abs(v_dot)))


def test_frequencies_of_a_chain_of_masses():
    def squares(p):
        """Of two equal masses, each on a spring of its own to a wall, coupled by a third spring."""
        stiffness = np.array([[p[0] + p[1], -p[1]], [-p[1], p[0] + p[1]]], like=p)
        return linalg.eigvalsh(stiffness, p[2] * np.eye(2))

    k, c, m = p = np.array([3.0, 0.7, 1.9])
    np.testing.assert_allclose(squares(p), [k / m, (k + 2 * c) / m], rtol=1e-14)
    np.testing.assert_allclose(
        jacobian(squares)(p), [[1 / m, 0, -k / m**2], [1 / m, 2 / m, -(k + 2 * c) / m**2]], atol=1e-14
    )
    second = hessian(squares)(p)
    np.testing.assert_allclose(second[1, 2], [-1 / m**2, -2 / m**2, 2 * (k + 2 * c) / m**3], rtol=1e-12)
    np.testing.assert_allclose(second, second.mT, atol=1e-14)


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_pairs_stay_solved_to_second_order(kind):
    def residual(a, b):
        w, v = linalg.eigh(a, b, type=kind)
        a, b = (a + a.T) / 2, (b + b.T) / 2
        left = {1: lambda: a @ v - b @ v * w, 2: lambda: a @ b @ v - v * w, 3: lambda: b @ a @ v - v * w}[kind]()
        return np.stack([left, v.T @ (b @ v if kind < 3 else np.linalg.solve(b, v)) - np.eye(3)])

    a_dot, b_dot = (x + x.T for x in RNG.normal(size=(2, 3, 3)))

    def along(t):
        return residual(SYMMETRIC + t * a_dot, METRIC + t * b_dot)

    np.testing.assert_allclose(along(0.0), 0, atol=1e-13)
    np.testing.assert_allclose(jacobian(along)(0.0), 0, atol=1e-12)
    np.testing.assert_allclose(jacobian(jacobian(along))(0.0), 0, atol=1e-10)
    np.testing.assert_allclose(jacobian(jacobian(along, mode="reverse"))(0.0), 0, atol=1e-10)


def test_factors_stay_factors_to_second_order():
    a, a_dot = RNG.normal(size=(2, 4, 3))

    def along(t):
        x = a + t * a_dot
        q, r, order = linalg.qr(x, mode="economic", pivoting=True)
        u, s, vh = linalg.svd(x, full_matrices=False)
        return np.stack([q @ r - x[:, order], u * s @ vh - x])

    for derivative in (jacobian(along), jacobian(jacobian(along)), jacobian(jacobian(along, mode="reverse"))):
        np.testing.assert_allclose(derivative(0.0), 0, atol=1e-11)


def test_subsets_are_parts_of_the_whole():
    a, b = Dual(SYMMETRIC, RNG.normal(size=(3, 3))), Dual(METRIC, RNG.normal(size=(3, 3)))
    w, v = linalg.eigh(a, b, driver="gvx")
    some_w, some_v = linalg.eigh(a, b, subset_by_index=[1, 1])
    np.testing.assert_allclose(some_w.tangent, w.tangent[1:2])
    np.testing.assert_allclose(some_v.tangent * np.sign(some_v.value[0] * v.value[0, 1]), v.tangent[:, 1:2])
    np.testing.assert_allclose(linalg.eigvalsh(a, b, subset_by_index=[1, 1]).tangent, some_w.tangent)


def test_equal_eigenvalues_beside_those_that_are_asked_for_do_no_harm():
    a = Dual(np.diag([1.0, 2.0, 2.0]), RNG.normal(size=(3, 3)))
    with pytest.raises(DualnumError, match="scipy.linalg.eigvalsh"):
        linalg.eigh(a)
    w, v = linalg.eigh(a, subset_by_index=[0, 0])
    expected = np.array([0, *-a.tangent[1:, 0]]) * np.sign(v.value[0, 0])
    np.testing.assert_allclose(v.tangent[:, 0], expected, atol=1e-15)
    with pytest.raises(DualnumError, match="are equal"):
        linalg.eigh(a, subset_by_index=[0, 1])
    np.testing.assert_allclose(linalg.eigvalsh(a).tangent[1:], np.trace(a.tangent[1:, 1:]) / 2)
    pair = linalg.eigvalsh(a, Dual(np.eye(3), np.eye(3)))
    np.testing.assert_allclose(pair.tangent[1:], np.trace(a.tangent[1:, 1:]) / 2 - 2)


def test_other_arguments_may_be_lists():
    x = Dual(METRIC, np.ones((3, 3)))
    for f in (linalg.eigvalsh, lambda a, b: linalg.eigh(a, b)[1]):
        np.testing.assert_array_equal(f(SYMMETRIC.tolist(), x).tangent, f(SYMMETRIC, x).tangent)
        assert np.any(f(x, b=SYMMETRIC.tolist()).tangent)


def test_only_one_triangle_counts():
    unread = np.triu(np.ones((3, 3)), 1)
    for f in (linalg.eigh, linalg.eigvalsh):
        x, y = Dual(SYMMETRIC, unread), Dual(METRIC, unread)
        parts = f(x, y)
        for part in parts if isinstance(parts, tuple) else [parts]:
            np.testing.assert_array_equal(part.tangent, 0)
        assert np.any(f(Dual(SYMMETRIC, unread), y, lower=False)[0].tangent)


def test_what_has_no_rule():
    x, tall = Dual(SYMMETRIC, np.eye(3)), Dual(RNG.normal(size=(4, 2)), np.ones((4, 2)))
    with pytest.raises(NoRuleError, match="Use subset_by_index"):
        linalg.eigh(x, subset_by_value=[0.0, 3.0])
    with pytest.raises(NoRuleError, match="Use subset_by_index"):
        linalg.eigvalsh(x, subset_by_value=[0.0, 3.0])
    with pytest.raises(NoRuleError, match="scipy.linalg.svd .*Use full_matrices=False"):
        linalg.svd(tall)
    for mode in ("full", "raw"):
        with pytest.raises(NoRuleError, match="Use mode='economic' or 'r'"):
            linalg.qr(tall, mode=mode)
    with pytest.raises(DualnumError, match=r"scipy.linalg.qr: .*dependent"):
        linalg.qr(Dual(np.ones((3, 2)), np.ones((3, 2))), mode="economic")
    with pytest.raises(DualnumError, match="scipy.linalg.svdvals"):
        linalg.svd(Dual(np.eye(2), np.array([[0.0, 1.0], [1.0, 0.0]])))


def test_poles_of_a_damped_oscillator():
    """The roots of ``s**2 + 2 d s + 1``: they turn real at d = 1, where the derivative is infinite."""

    def poles(d):
        return linalg.eigvals(np.array([[0.0, 1.0], [-1.0, -2 * d]], like=d))

    for d, root in ((0.3, 1j * np.sqrt(1 - 0.09)), (1.7, np.sqrt(1.7**2 - 1))):
        np.testing.assert_allclose(np.sort(jacobian(poles)(d)), np.sort([-1 + d / root, -1 - d / root]), rtol=1e-13)
        np.testing.assert_allclose(jacobian(poles, mode="reverse")(d), jacobian(poles)(d), rtol=1e-13)
    with pytest.raises(DualnumError, match=r"scipy.linalg.eigvals: .*defective"):
        jacobian(poles)(1.0)


def test_general_eigenvalues_that_have_no_rule():
    x = Dual(SYMMETRIC, METRIC)
    for call in (
        lambda: linalg.eig(x, METRIC), lambda: linalg.eigvals(x, METRIC), lambda: linalg.eig(x, left=True),
        lambda: linalg.eigvals(x, homogeneous_eigvals=True), lambda: linalg.eig(x, homogeneous_eigvals=True),
        lambda: linalg.eigvals(SYMMETRIC, x), lambda: linalg.eig(SYMMETRIC, b=x),
    ):  # fmt: skip
        with pytest.raises(NoRuleError, match=r"numpy.linalg.solve\(b, a\)"):
            call()


def test_stacks_of_different_shapes_are_refused():
    a, b = Dual(np.stack([SYMMETRIC] * 3), np.ones((3, 3, 3))), METRIC
    try:
        scipy.linalg.eigh(a.value, b)
    except ValueError:
        pytest.skip("this SciPy does not take stacks")
    with pytest.raises(NoRuleError, match=r"numpy.broadcast_to"):
        linalg.eigh(a, b)
    np.testing.assert_allclose(linalg.eigvalsh(a).tangent[1], linalg.eigvalsh(a[1]).tangent)


def test_what_may_be_overwritten_is_not():
    for call in (
        lambda x: linalg.eigh(x, overwrite_a=True), lambda x: linalg.eigh(SYMMETRIC, x, overwrite_b=True),
        lambda x: linalg.svd(x, True, True, True), lambda x: linalg.qr(x, True), lambda x: linalg.svdvals(x, True),
    ):  # fmt: skip
        x = Dual(np.asfortranarray(METRIC), np.ones((3, 3)))
        call(x)
        np.testing.assert_array_equal(x.value, METRIC)
        np.testing.assert_array_equal(x.tangent, 1)


def test_the_ground_state_by_perturbation_theory():
    """The energy to second order is <v|a|v> and the sum over the other states (Rayleigh and Schrödinger)."""
    change = np.array([[0.3, -0.2, 0.5], [-0.2, 0.1, 0.4], [0.5, 0.4, -0.6]])
    w, v = np.linalg.eigh(SYMMETRIC)
    elements = v.T @ change @ v[:, 0]

    def energy(t):
        return linalg.eigh(SYMMETRIC + t * change, subset_by_index=[0, 0])[0][0]

    np.testing.assert_allclose(grad(energy)(0.0), elements[0], rtol=1e-13)
    np.testing.assert_allclose(grad(grad(energy))(0.0), 2 * np.sum(elements[1:] ** 2 / (w[0] - w[1:])), rtol=1e-12)
