"""A tape as a graph: DOT, SVG and matplotlib."""

import re
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

from dualnum import MissingExtraError, Tape

SVG = "{http://www.w3.org/2000/svg}"
ADVANCE = 0.602 * 10  # of a character


def sine():
    with Tape() as tape:
        np.sum(np.sin(tape.variable([1.0, 2.0], name="x") ** 2))
    return tape


def network():
    """The lecture's network, whose last tanh is not used."""
    with Tape() as tape:
        h = np.ones((3, 4))
        for i, (m, n) in enumerate([(4, 5), (5, 5), (5, 2)]):
            out = np.dot(h, tape.variable(np.ones((m, n)), name=f"W{i}")) + tape.variable(np.ones(n), name=f"b{i}")
            h = np.tanh(out)
        np.mean((out - 1.0) ** 2)
    return tape


def recurrence(steps=5):
    """The same variables are used in each step."""
    with Tape() as tape:
        W, U, b = (tape.variable(np.eye(2)), tape.variable(np.eye(2)), tape.variable(np.ones(2)))
        h, total = np.zeros(2), 0.0
        for _ in range(steps):
            h = np.tanh(W @ h + U @ np.ones(2) + b)
            total = total + np.sum(h * h)
    return tape


def elements():
    with Tape() as tape:
        x, total = tape.variable(np.arange(9.0)), 0.0
        for i in range(9):
            total = total + x[i] * x[i - 1]
        np.stack([x[i] for i in range(9)])
    return tape


def results():
    with Tape() as tape:
        a = tape.variable(np.eye(3), name="a matrix with a name that is too long for a box")
        values, vectors = np.linalg.eigh(a)
        q = np.linalg.solve(a, values)
        q[1:] = values[1:]
        vectors @ np.sin(q) + np.linalg.slogdet(a)[1]
    return tape


def empty():
    with Tape() as tape:
        pass
    return tape


programs = pytest.mark.parametrize("program", [sine, network, recurrence, elements, results, empty])


def edges(tape):
    return [(name, instruction.name) for instruction in tape for name in instruction.inputs]


# DOT


def test_dot():
    with Tape() as tape:
        x = tape.variable([1.0, 2.0])
        np.sum(x * x)
    assert tape.to_dot().splitlines() == [
        "digraph tape {",
        '  node [shape=box fontname="monospace"];',
        r'  n0 [label="x1\nvariable\n(2,)" style=filled fillcolor="#dbe9f9"];',
        r'  n1 [label="x2\nmultiply\n(2,)" style="rounded,filled" fillcolor="#ffffff"];',
        r'  n2 [label="x3\nsum\n()" style="rounded,filled" penwidth=2.2 fillcolor="#fbe3c8"];',
        "  n0 -> n1;",
        "  n0 -> n1;",
        "  n1 -> n2;",
        "}",
    ]


@programs
def test_dot_has_all_nodes_and_edges(program):
    tape = program()
    names = [instruction.name for instruction in tape]
    dot = tape.to_dot()
    assert re.findall(r'^  n\d+ \[label="(.*?)\\n', dot, re.MULTILINE) == names
    found = [(names[int(i)], names[int(j)]) for i, j in re.findall(r"^  n(\d+) -> n(\d+);$", dot, re.MULTILINE)]
    assert found == edges(tape)


def test_labels_of_dot_are_escaped():
    with Tape() as tape:
        tape.variable(1.0, name='a "b" \\n &lt; \\')
    assert r'label="a \"b\" \\n &amp;lt; \\\nvariable\n()"' in tape.to_dot()


# SVG


def boxes_of(svg):
    """Left, top, right, bottom, fill and the widest line of each box."""
    group = svg.find(f"{SVG}g")
    texts = ["".join(text.itertext()) for text in group.iter(f"{SVG}text")]
    lines = zip(texts[::2], texts[1::2], strict=True)
    boxes = []
    for rect, (first, second) in zip(group.iter(f"{SVG}rect"), lines, strict=True):
        x, y, width, height = (float(rect.get(key)) for key in ("x", "y", "width", "height"))
        boxes.append((x, y, x + width, y + height, rect.get("fill"), max(first, second, key=len)))
    return boxes


def curves_of(svg):
    """Points along each curve."""
    s = np.linspace(0.0, 1.0, 30)[:, None]
    for path in svg.iter(f"{SVG}path"):
        points = np.array([float(number) for number in re.findall(r"-?[\d.]+", path.get("d"))]).reshape(-1, 2)
        for i in range(0, len(points) - 1, 3):
            a, b, c, d = points[i : i + 4]
            yield (1 - s) ** 3 * a + 3 * (1 - s) ** 2 * s * b + 3 * (1 - s) * s**2 * c + s**3 * d


@programs
def test_boxes_do_not_overlap_and_hold_their_texts(program):
    boxes = boxes_of(ElementTree.fromstring(program()._repr_svg_()))
    for i, (left, top, right, bottom, _, text) in enumerate(boxes):
        assert len(text) * ADVANCE <= right - left - 10
        for other in boxes[:i]:
            assert right + 5 < other[0] or other[2] + 5 < left or bottom + 5 < other[1] or other[3] + 5 < top


@programs
def test_edges_cross_no_box(program):
    svg = ElementTree.fromstring(program()._repr_svg_())
    boxes = boxes_of(svg)
    for points in curves_of(svg):
        assert np.all(np.diff(points[:, 1]) >= -0.1)  # downward
        for left, top, right, bottom, *_ in boxes:
            x, y = points.T
            assert not np.any((left < x) & (x < right) & (top + 0.2 < y) & (y < bottom - 0.2))


@programs
def test_each_edge_has_an_arrow_that_ends_at_its_box(program):
    tape = program()
    svg = ElementTree.fromstring(tape._repr_svg_())
    tips = [tuple(map(float, p.get("points").split()[0].split(","))) for p in svg.iter(f"{SVG}polygon")]
    assert len(set(tips)) == len(edges(tape))
    arrows = [sum(left < x < right and y == top for x, y in tips) for left, top, right, *_ in boxes_of(svg)]
    assert arrows == [len(instruction.inputs) for instruction in tape]


@programs
def test_the_picture_holds_everything(program):
    svg = ElementTree.fromstring(program()._repr_svg_())
    _, _, width, height = map(float, svg.get("viewBox").split())
    dx, dy = map(float, re.findall(r"[\d.]+", svg.find(f"{SVG}g").get("transform")))
    for left, top, right, bottom, *_ in boxes_of(svg):
        assert dx + left >= 0 and dx + right <= width
        assert dy + top >= 30 and dy + bottom <= height


def test_inputs_and_outputs_look_different():
    fills = [box[4] for box in boxes_of(ElementTree.fromstring(network()._repr_svg_()))]
    inputs, outputs, inner = ("#dbe9f9", "#fbe3c8", "#ffffff")
    assert fills == [
        *(inputs, inner, inputs, inner, inner) * 2,
        *(inputs, inner, inputs, inner, outputs, inner, inner, outputs),
    ]


def test_labels_of_an_svg_are_escaped():
    with Tape() as tape:
        tape.variable(1.0, name="<b> & \"c\" 'd'")
    assert boxes_of(ElementTree.fromstring(tape._repr_svg_()))[0][5] == "<b> & \"c\" 'd' variable"


def test_a_big_tape_is_cut_and_says_so():
    tape = recurrence(50)
    assert len(tape) == 403
    svg = ElementTree.fromstring(tape._repr_svg_())
    boxes = boxes_of(svg)
    assert len(boxes) == 200
    assert "#fbe3c8" not in [box[4] for box in boxes]  # the output is among those that are not drawn
    header = [text.text for text in svg.findall(f"{SVG}text")]
    assert header[0].startswith("Tape of 403 instructions, ")
    assert header[1:] == ["only the first 200 instructions are drawn"]


# matplotlib


@programs
def test_plot(program, tmp_path):
    pytest.importorskip("matplotlib")
    tape = program()
    ax = tape.plot(tmp_path / "tape.png")
    assert (tmp_path / "tape.png").read_bytes().startswith(b"\x89PNG")
    assert ax.get_title().startswith(f"Tape of {len(tape):,} instruction")
    kinds = [type(patch).__name__ for patch in ax.patches]
    assert kinds.count("FancyBboxPatch") == len(tape)
    assert kinds.count("Polygon") == len(edges(tape))


def test_letters_of_a_plot_lie_in_their_boxes():
    figure = pytest.importorskip("matplotlib.figure").Figure(figsize=(2, 2))
    ax = network().plot(ax=figure.subplots())
    boxes = [patch for patch in ax.patches if type(patch).__name__ == "FancyBboxPatch"]
    texts = [patch for patch in ax.patches if type(patch).__name__ == "PathPatch" and patch.get_fill()]
    assert len(texts) == 3 * len(boxes)
    for box, *lines in zip(boxes, texts[::3], texts[1::3], texts[2::3], strict=True):
        outer = box.get_window_extent()
        for line in lines:
            inner = line.get_window_extent()
            assert outer.x0 < inner.x0 and inner.x1 < outer.x1 and outer.y0 < inner.y0 and inner.y1 < outer.y1


def test_a_dollar_begins_no_formula():
    figure = pytest.importorskip("matplotlib.figure").Figure()
    with Tape() as tape:
        tape.variable(1.0, name=r"$\nonsense$")
    assert tape.plot(ax=figure.subplots()).patches


def test_plot_draws_in_the_axes_given():
    ax = pytest.importorskip("matplotlib.figure").Figure().subplots()
    assert sine().plot(ax=ax) is ax


def test_plot_on_screen_belongs_to_pyplot():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("agg")
    ax = sine().plot()
    assert ax.figure.number in pyplot.get_fignums()
    pyplot.close(ax.figure)


def test_only_plots_need_matplotlib(monkeypatch):
    for name in ("matplotlib", "matplotlib.figure", "matplotlib.patches"):
        monkeypatch.setitem(sys.modules, name, None)
    tape = sine()
    assert tape.to_dot() and tape._repr_svg_()
    with pytest.raises(MissingExtraError, match="matplotlib"):
        tape.plot("never.png")
