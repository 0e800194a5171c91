"""The lecture as running code: each formula of a chapter on automatic differentiation beside its numbers.

A walk through the chapter in its order: the derivative as a limit, gradients and Jacobians, chains of functions and the two
orders in which their Jacobians are multiplied, programs as graphs, forward and reverse mode on them, products with vectors,
higher order, a perceptron, tanh. The script prints each formula, what it gives here and what dualnum gives, and raises an error
if they differ. All functions that are differentiated are plain NumPy.

The chapter is lecture 3, "Automatic differentiation", of G. Louppe's course *Deep Learning*. Run it with::

    python examples/lecture.py [--output PATH]
"""

import argparse
import itertools
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np

from dualnum import Dual, Tape, derivative, grad, hessian, hvp, jacobian, jacobian_column, jvp, vjp
from dualnum.complexity import accumulate
from dualnum.errors import MissingExtraError

X, V, U = np.array([1.0, 2.0, 0.5]), np.array([1.0, -1.0, 2.0]), np.array([3.0, 1.0])
PROGRAM: dict[int, Any] = {3: (np.multiply, [1, 2]), 4: (np.sin, [1]), 5: (np.add, [3, 4]), 6: (np.multiply, [5, 3])}


def show(rows: dict[str, Any], tolerance: float = 1e-12) -> None:
    """Print formulas beside their values, which must agree with the last."""
    for formula, value in rows.items():
        text = np.array2string(np.asarray(value), precision=9, suppress_small=True, max_line_width=90)
        print(f"    {formula:46}{text}".replace("\n", "\n" + 50 * " "))
        np.testing.assert_allclose(value, list(rows.values())[-1], rtol=tolerance, atol=tolerance)
    print()


def f(x: Any) -> Any:  # from R to R: the square root, by Heron's method
    y = x
    for _ in range(8):
        y = (y + x / y) / 2
    return y


def g(x: Any) -> Any:  # from R^3 to R
    return x[0] ** 2 * x[1] + np.sin(x[2])


def F(x: Any) -> Any:  # from R^3 to R^2
    return np.stack([x[0] * x[1], x[1] * np.exp(x[2])])


def tanh(x: Any) -> Any:
    y = np.exp(-2 * x)
    return (1 - y) / (1 + y)


def predict(params: list[Any], inputs: Any) -> Any:
    for W, b in params:
        outputs = np.dot(inputs, W) + b
        inputs = np.tanh(outputs)
    return outputs


def loss_fun(params: list[Any], inputs: Any, targets: Any) -> Any:
    return np.mean((predict(params, inputs) - targets) ** 2)


def calculus() -> None:
    print("1. Why: the derivative of a program. f is a loop that computes the square root\n")
    show({"derivative(f)(2), through the loop": derivative(f)(2.0), "1 / (2 sqrt(2))": 1 / (2 * np.sqrt(2))})
    print("2. Calculus: derivatives are limits; they make up the gradient of g and the Jacobian of F\n")
    limits = {f"(f(2 + h) - f(2)) / h for h = {h:.0e}": (f(2 + h) - f(2)) / h for h in 10.0 ** -np.arange(2, 15, 3)}
    show(limits | {"f'(2) by derivative(f)": derivative(f)(2.0)}, tolerance=0.05)
    limits = {"(g(x + h e_j) - g(x)) / h for h = 1e-8": [(g(X + 1e-8 * e_j) - g(X)) / 1e-8 for e_j in np.eye(3)]}
    show(limits | {"the gradient stacks them, grad(g)(x)": grad(g)(X)}, tolerance=1e-7)
    show({"dg/dx_j, one at a time": [jacobian_column(g, X, j) for j in range(3)], "grad(g)(x)": grad(g)(X)})
    columns = np.stack(F(Dual(X, np.eye(3))).tangent, axis=1)
    rows = [grad(lambda x, i=i: F(x)[i])(X) for i in range(2)]
    show({"columns dF/dx_j, by Dual": columns, "rows grad(F_i)^T": rows, "jacobian(F)(x)": jacobian(F)(X)})
    show({"Jacobian with m = 1": jacobian(lambda x: np.reshape(g(x), 1))(X), "grad(g)(x)^T": [grad(g)(X)]})


def chains() -> None:
    """A product of matrices (l, m) and (m, n) takes l m n multiplications; this is why the two orders cost what they do.

    Forward, J_k ... J_1 has shape (n_k, n_0), and J_{k+1} times it takes n_{k+1} n_k n_0 of them, for k = 1, ..., t-1.
    Reverse, J_t ... J_{k+2} has shape (n_t, n_{k+1}), and it times J_{k+1} takes n_t n_{k+1} n_k, for k = t-2, ..., 0.
    """
    print("3. Chains: x_k = f_k(x_{k-1}, theta_k), with n_0, ..., n_t = 4, 3, 2, 1\n")
    n, t, rng = [4, 3, 2, 1], 3, np.random.default_rng(0)
    theta = [rng.normal(size=shape[::-1]) for shape in itertools.pairwise(n)]

    def step(x: Any, theta: Any) -> Any:
        return np.tanh(theta @ x)

    x = list(itertools.accumulate(theta, step, initial=rng.normal(size=n[0])))
    J = [jacobian(step)(x[k], theta[k]) for k in range(t)]  # counted from 0: J[k] is dx_{k+1}/dx_k
    products = {"forward, J_3 (J_2 J_1)": J[2] @ (J[1] @ J[0]), "reverse, (J_3 J_2) J_1": J[2] @ J[1] @ J[0]}
    show(products | {"jacobian(f_3 o f_2 o f_1)": jacobian(lambda x: reduce(step, theta, x))(x[0])})
    cost = n[0] * sum(n[k] * n[k + 1] for k in range(1, t))
    show({"n_0 sum of n_k n_{k+1}, k = 1..t-1": cost, "counted, forward": accumulate(J, "forward").multiplications})
    cost = n[t] * sum(n[k] * n[k + 1] for k in range(t - 1))
    show({"n_t sum of n_k n_{k+1}, k = 0..t-2": cost, "counted, reverse": accumulate(J, "reverse").multiplications})
    theta_bar = np.tensordot(J[2], jacobian(step, argnums=1)(x[1], theta[1]), 1)[0]
    gradient = grad(lambda theta: reduce(step, theta, x[0])[0])(theta)
    show({"J_3 dx_2/dtheta_2": theta_bar, "grad of x_3 by theta_2": gradient[1]})


def run(x1: Any, x2: Any) -> dict[int, Any]:
    """All variables of the program, by walking its graph forward."""
    x = {1: x1, 2: x2}
    for k, (function, parents) in PROGRAM.items():
        x[k] = function(*(x[parent] for parent in parents))
    return x


def graphs() -> Tape:
    print("4. Programs as graphs: x_3 = x_1 x_2, x_4 = sin(x_1), x_5 = x_3 + x_4, x_6 = x_5 x_3\n")
    x = run(2.0, 0.8)
    partial, x_dot, x_bar = {}, {1: 1.0, 2: 0.0}, {6: 1.0}
    for k, (function, parents) in PROGRAM.items():
        for i, parent in enumerate(parents):
            partial[k, parent] = jacobian(function, argnums=i)(*(x[each] for each in parents))
        x_dot[k] = sum(partial[k, parent] * x_dot[parent] for parent in parents)
    for k in (5, 4, 3, 2, 1):
        x_bar[k] = sum(x_bar[m] * partial[m, k] for m, (_, parents) in PROGRAM.items() if k in parents)
    duals = run(Dual(2.0, 1.0), Dual(0.8, 0.0))
    with Tape() as tape:
        variables = run(tape.variable(2.0), tape.variable(0.8))
    print(tape, end="\n\n")
    tape.backward(variables[6])
    sums, tangents = list(x_dot.values()), [duals[k].tangent for k in x]
    show({"sum over parents l of [dx_k/dx_l] dx_l/dx_1": sums, "dx_k/dx_1 for k = 1..6, by Duals": tangents})
    sums, adjoints = [x_bar[k] for k in x], [variables[k].adjoint for k in x]
    show({"sum over children m of dx_6/dx_m [dx_m/dx_k]": sums, "dx_6/dx_k for k = 1..6, by the tape": adjoints})
    return tape


def programs() -> None:
    print("5. Implementations: primitives know products with their Jacobians, which are not built\n")
    show({"J v": jacobian(F)(X) @ V, "jvp(F, x, v)": jvp(F, (X,), (V,))[1]})
    show({"u^T J": U @ jacobian(F)(X), "pullback(u) of vjp(F, x)": vjp(F, X)[1](U)[0]})
    x = np.linspace(-3, 3, 10**6)  # the Jacobian of tanh would fill 8 TB
    show({"1^T J of tanh, n = 10^6": vjp(np.tanh, x)[1](np.ones_like(x))[0], "1 - tanh(x)^2": 1 - np.tanh(x) ** 2})
    print("6. Higher order: the backward pass is a program, too\n")
    show({"jacobian(grad(g))(x)": jacobian(grad(g))(X), "hessian(g)(x)": hessian(g)(X)})
    show({"hessian(g)(x) v": hessian(g)(X) @ V, "hvp(g, x, v)": hvp(g, X, V)})
    print("7. Programs: predict, loss_fun and tanh\n")
    rng, h = np.random.default_rng(0), 1e-6
    W, b, *last, inputs, targets = map(rng.standard_normal, [(3, 4), 4, (4, 2), 2, (5, 3), (5, 2)])
    losses = [[loss_fun([(W, b + step), last], inputs, targets) for step in s * h * np.eye(4)] for s in (1, -1)]
    limits = {"(loss(b_1 + h e_j) - loss(b_1 - h e_j)) / 2h": np.subtract(*losses) / (2 * h)}
    gradient = grad(loss_fun)([(W, b), last], inputs, targets)
    show(limits | {"grad(loss_fun), its part of b_1": gradient[0][1]}, tolerance=1e-7)
    y = tanh(0.5)
    show({"grad(tanh)(0.5)": grad(tanh)(0.5), "1 - tanh^2": 1 - y**2})
    show({"grad(grad(tanh))(0.5)": grad(grad(tanh))(0.5), "-2 tanh (1 - tanh^2)": -2 * y * (1 - y**2)})


def draw(tape: Tape, path: Path) -> None:
    """Save a picture of the errors of limits, of the derivatives of tanh, and of the graph."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("the picture needs matplotlib: install dualnum with the extra 'plot'") from error
    figure = Figure(figsize=(10, 4), layout="constrained")
    errors, curves, graph = figure.subplots(1, 3, width_ratios=[1, 1, 0.8])
    h, exact = np.logspace(-16, 0, 97), 1 / (2 * np.sqrt(2))
    errors.loglog(h, np.abs((f(2 + h) - f(2)) / h - exact), label="(f(x + h) - f(x)) / h")
    errors.loglog(h, np.abs((f(2 + h) - f(2 - h)) / (2 * h) - exact), label="(f(x + h) - f(x - h)) / 2h")
    errors.axhline(max(abs(derivative(f)(2.0) - exact), np.spacing(exact)), color="black", label="dualnum (at most)")
    errors.set(title="The derivative of a square root at 2", xlabel="h", ylabel="error", ylim=(1e-17, 1e6))
    errors.legend(loc="upper center")
    x, derived = np.linspace(-3, 3, 201), tanh
    for label in ("tanh", "grad(tanh)", "grad(grad(tanh))", "third derivative", "fourth derivative"):
        curves.plot(x, [derived(each) for each in x], label=label)
        derived = grad(derived)
    curves.set(title="tanh and its derivatives", xlabel="x")
    curves.legend(fontsize="small")
    tape.plot(ax=graph).set_title("x6 = (x1 x2 + sin x1) x1 x2", fontsize="medium")
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"), help="the picture to save")
    output = parser.parse_args().output
    calculus()
    chains()
    tape = graphs()
    programs()
    draw(tape, output)
    print("8. Beyond neural networks: that is what the other examples are about\n")
    print(f"Picture: {output}")


if __name__ == "__main__":
    main()
