"""Products, linear algebra, Fourier transforms, calculus."""

from __future__ import annotations

import numpy as np

from tests.fuzz.programs import Rejected, Writer, literal
from tests.fuzz.steps.registry import step

# Products and linear algebra


@step(5)
def product(w: Writer) -> None:
    x = w.operand(least=1)
    v = w.value(x)
    n = v.shape[-1]
    vector = w.operand_of((n,)) if n else literal(np.zeros(0))
    matrix = w.operand_of((n, w.pick([1, 2, n]))) if n and w.chance(70) else w.constant((n, 2), "fi")
    same = w.operand_of(v.shape) if v.size else x
    options = [
        f"{x} @ {vector}", f"{x} @ {matrix}", f"np.matmul({x}, {matrix})", f"np.dot({x}, {vector})", f"np.dot({x}, {matrix})",
        f"({x}).dot({matrix})", f"np.inner({x}, {vector})", f"np.vdot({x}, {same})", f"np.tensordot({x}, {matrix}, 1)",
        f"np.tensordot({x}, {same}, axes=([-1], [-1]))", f"np.outer({x}, {vector})", f"np.kron({x}, {vector})",
        f"np.einsum('...i,i', {x}, {vector})", f"np.einsum('...i,ij->...j', {x}, {matrix})",
        f"np.einsum('...i,...i->...', {x}, {same})", f"np.einsum('i,j->ij', {vector}, {vector})",
        f"np.vecdot({x}, {vector})", f"np.linalg.vecdot({x}, {same})", f"np.linalg.outer({vector}, {vector})",
        f"np.matvec({matrix}.T, {vector})", f"np.vecmat({vector}, {matrix})",
        f"{vector} @ {matrix}", f"np.linalg.matmul({matrix}.T, {matrix})",
        f"np.linalg.multi_dot([{matrix}.T, {matrix}, {matrix}.T])",
    ]  # fmt: skip
    if n == 3:
        options += [f"np.cross({x}, {vector})", f"np.linalg.cross({x}, {vector})"]
    w.assign(w.pick(options))


@step(5)
def linear_algebra(w: Writer) -> None:
    n = w.pick([1, 2, 3])
    kinds = "f" if w.chance(80) else "fc"
    lead = (2,) if w.chance(25) else ()
    m = w.operand_of((*lead, n, n), kinds)
    # What the diagonals are moved by is too little to make eigenvalues or singular values meet.
    (m,) = w.assign(w.inside(m, -0.9, 0.9))
    (a,) = w.assign(
        f"0.1 * {m} @ np.conj({f'np.swapaxes({m}, -1, -2)' if lead else f'{m}.T'}) + np.diag([1.5, 3.0, 5.5][:{n}])"
    )
    (b,) = w.assign(f"0.2 * {w.real(m)} + np.diag([1.0, 3.0, -6.0][:{n}])")
    vector, tall = w.operand_of((n,), kinds), w.operand_of((n, 2), kinds)
    wide = (
        f"(0.1 * np.tanh({w.real(w.operand_of((n + 1, n), kinds))}) + np.eye({n + 1}, {n}) * {list(range(2, n + 2))})"
    )
    if not np.all(np.abs(w.value(f"np.append({m}, {wide})")) < w.LARGEST):
        raise Rejected  # LAPACK may never come back from infinities
    options = [
        f"np.linalg.inv({a})", f"np.linalg.inv({b})", f"np.linalg.solve({a}, {tall})", f"np.linalg.det({b})",
        f"np.linalg.solve({b}, {tall})", f"np.linalg.solve({b}, {vector})", f"np.linalg.slogdet({a})",
        f"np.linalg.slogdet({b})", f"np.linalg.cholesky({a})", f"np.linalg.cholesky({a}, upper=True)",
        f"np.linalg.qr({b})", f"np.linalg.qr({wide})", f"np.linalg.qr({b}, mode='r')", f"np.linalg.svdvals({wide})",
        f"np.linalg.svd({wide}, compute_uv=False)", f"np.linalg.svd({wide}, full_matrices=False)",
        f"np.linalg.svd({b}, full_matrices=False)", f"np.linalg.eigh({a})", f"np.linalg.eigvalsh({a})",
        f"np.linalg.eigh({a}, UPLO='U')", f"np.linalg.eig({b})", f"np.linalg.eigvals({b})", f"np.linalg.pinv({wide})",
        f"np.linalg.lstsq({wide}, {w.operand_of((n + 1,), 'f')})[0]", f"np.linalg.matrix_power({b}, {w.pick([-1, 0, 2, 3])})",
        f"np.linalg.norm({b}, {w.pick(['None', repr('fro'), repr('nuc'), '2', '1', 'inf', '-2'])}{', axis=(-2, -1)' if lead else ''})",
        f"np.linalg.norm({vector} + 3, {w.pick(['None', '1', '2', '3', 'inf', '0.5', '-1'])})",
        f"np.linalg.vector_norm({b} + 3, axis=-1)", f"np.linalg.matrix_norm({b})", f"np.linalg.cond({b})",
        f"np.linalg.tensorsolve({b}, {vector})", f"np.linalg.tensorinv({b}, 1)", f"np.cov({tall} + {tall})",
        f"np.linalg.matrix_rank({b})",
    ]  # fmt: skip
    w.assign(w.pick(options))


@step(2)
def fourier(w: Writer) -> None:
    name = w.pick(
        ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft", "fftn", "ifft2", "rfftn", "irfft2", "fftshift", "rfft2"]
    )
    x = w.operand("f" if name in ("rfft", "ihfft", "rfftn", "rfft2") else "fc", least=2 if "2" in name else 1)
    if np.size(w.value(x)) == 0:
        raise Rejected  # NumPy fills up what is missing with memory that nobody has written
    options = w.pick(["", ", norm='ortho'", ", norm='forward'"]) if "shift" not in name else ""
    if not name.endswith(("2", "n", "shift")):
        options += w.pick(["", f", n={w.pick([2, 3, 5])}", f", axis={w.axis(w.value(x))}"])
    (y,) = w.assign(f"np.fft.{name}({x}{options})")
    if w.chance(60) and w.scope[y].dtype.kind == "c":
        w.assign(w.pick([f"{y}.real", f"{y}.imag", f"np.abs({y}) ** 2", f"np.real({y} * np.conj({y}))"]))


@step(2)
def calculus(w: Writer) -> None:
    x = w.operand("f")
    small = w.inside(x, -1.5, 1.5)
    n = w.pick([2, 3])
    coefficients = w.operand_of((n,), "f")
    value = np.ravel(w.value(x))
    bins = literal(np.array([-50.0, w.threshold(value), 60.0]))
    options = [
        f"np.polyval({coefficients}, {small})",
        f"np.linspace({small}, {w.number()}, 3)",
        f"np.bincount({literal(w.rng().integers(0, 3, value.size))}, weights=np.ravel({x}), minlength=4)",
        f"np.histogram({literal(w.rng().uniform(-2, 2, value.shape).round(2))}, {bins}, weights=np.ravel({x}))[0]",
        f"np.cov(np.ravel({x}))",
        f"np.corrcoef({w.operand_of((2, 3), 'f')} + np.array([[1.0, 2.0, 4.5], [3.0, -2.0, 1.0]]))",
        f"np.full_like({x}, {w.operand_of((), 'f')})",
        f"np.logspace({w.inside(small, -1, 1)}, 0.5, 3)",
        f"np.geomspace({w.inside(x, 0.5, 2.0)}, 3.0, 3)",
        f"np.angle({small} + 2.5j)",
        f"sum(np.ravel({x})[:3])",
        f"abs({w.inside(x, 0.2, 5.0)})",
        f"np.trim_zeros(np.ravel({x}))",
    ]
    w.assign(w.pick(options))
