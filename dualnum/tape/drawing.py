"""A tape as a graph: nodes are its variables, edges run from arguments to results."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from dualnum.pictures import Path, axes_for, save
from dualnum.tape.layout import layered
from dualnum.tape.listing import Instruction, shape_text, totals

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot", "to_dot", "to_svg"]

_MAX_NODES = 200
# Lengths are in points.
_FONT = 10.0
_ADVANCE = 0.602 * _FONT  # from one character of a monospaced font to the next
_LINE = 1.3 * _FONT
_PADDING = 7.0
_HEIGHT = 2 * _LINE + _PADDING  # of a box
_PITCH = _HEIGHT + 30.0  # from layer to layer
_ARROW = 6.0
_PORTS = 14.0  # between the heads of edges that meet at a box
_MARGIN = 12.0
_MAX_INCHES = 50.0
_MAX_TEXT = 32  # characters
_INK, _GREY = "#1a1a1a", "#5b6470"

_Point = tuple[float, float]


class _Style(NamedTuple):
    fill: str
    border: float
    radius: float
    dot: str


# Inputs are told by their corners, outputs by their borders, and both by their colours.
_INPUT = _Style("#dbe9f9", 0.8, 0.0, "style=filled")
_INNER = _Style("#ffffff", 0.8, 6.0, 'style="rounded,filled"')
_OUTPUT = _Style("#fbe3c8", 2.2, 6.0, 'style="rounded,filled" penwidth=2.2')


def _styles(instructions: Sequence[Instruction]) -> list[_Style]:
    """Styles of inputs, of outputs (from which nothing is computed) and of what lies between."""
    used = {name for each in instructions for name in each.inputs}
    return [_INPUT if not each.inputs else _INNER if each.name in used else _OUTPUT for each in instructions]


def _parents(instructions: Sequence[Instruction]) -> list[list[int]]:
    """Numbers of the arguments of each instruction."""
    numbers = {each.name: i for i, each in enumerate(instructions)}
    return [[numbers[name] for name in each.inputs] for each in instructions]


def to_dot(instructions: Sequence[Instruction]) -> str:
    """Write the graph in the DOT language."""
    lines = ["digraph tape {", '  node [shape=box fontname="monospace"];']
    for i, (each, style) in enumerate(zip(instructions, _styles(instructions), strict=True)):
        label = "\\n".join(map(_in_dot, (each.name, each.operation, shape_text(each.shape))))
        lines.append(f'  n{i} [label="{label}" {style.dot} fillcolor="{style.fill}"];')
    lines += [f"  n{parent} -> n{i};" for i, parents in enumerate(_parents(instructions)) for parent in parents]
    return "\n".join([*lines, "}", ""])


def _in_dot(text: str) -> str:
    """Escape what is special in a label of DOT: there are backslash codes and entities of HTML."""
    return text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')


class _Box(NamedTuple):
    x: float  # of its centre
    y: float  # of its top
    width: float
    texts: tuple[str, str, str]  # name, operation and shape
    style: _Style


class _Picture(NamedTuple):
    """What is drawn either way, from the origin; y grows downward. A curve is one or two cubic Bezier curves, end to end."""

    header: list[str]
    boxes: list[_Box]
    curves: list[tuple[_Point, ...]]
    heads: list[_Point]  # of arrows, at their tips
    width: float
    height: float


def _picture(instructions: Sequence[Instruction]) -> _Picture:
    shown = instructions[:_MAX_NODES]
    texts = [(_short(each.name), _short(each.operation), _short(shape_text(each.shape))) for each in shown]
    widths = [
        _ADVANCE * max(len(name) + 1 + len(operation), len(shape)) + 2 * _PADDING for name, operation, shape in texts
    ]
    layout = layered(widths, _parents(shown))
    tops = [layer * _PITCH for layer in layout.layer]
    boxes = list(map(_Box, layout.x, tops, widths, texts, _styles(instructions)))
    curves, heads = _edges(boxes, layout.routes)
    header = [f"Tape of {totals(instructions)}"]
    if len(shown) < len(instructions):
        header.append(f"only the first {len(shown)} instructions are drawn")
    height = max(tops, default=0.0) + _HEIGHT
    return _Picture(header, boxes, curves, heads, layout.width, height)


def _edges(
    boxes: list[_Box], routes: list[list[tuple[int, list[float]]]]
) -> tuple[list[tuple[_Point, ...]], list[_Point]]:
    """Curves, each once where edges share it, and the tips of the arrows."""
    curves: dict[tuple[_Point, ...], None] = {}
    heads = []
    for box, arriving in zip(boxes, routes, strict=True):
        spread = min(_PORTS, (box.width - 2 * _PADDING) / max(len(arriving) - 1, 1))
        # Sorted by where they come from, lest they cross at the end.
        paths = sorted((([boxes[start].x, *places], boxes[start].y + _HEIGHT) for start, places in arriving), key=_last)
        for i, ((x, *places), y) in enumerate(paths):
            for place in places:
                through = (place, y + _PITCH)
                curves[(*_curve(x, y, place, y + _PITCH - _HEIGHT), through, through, through)] = None
                x, y = through
            head = box.x + (i - (len(paths) - 1) / 2) * spread, box.y
            curves[_curve(x, y, head[0], head[1] - _ARROW)] = None
            heads.append(head)
    return list(curves), heads


def _last(path: tuple[list[float], float]) -> float:
    return path[0][-1]


def _curve(x: float, y: float, end_x: float, end_y: float) -> tuple[_Point, ...]:
    """Bezier curve that is vertical at both ends."""
    middle = (y + end_y) / 2
    return (x, y), (x, middle), (end_x, middle), (end_x, end_y)


def _short(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"


def to_svg(instructions: Sequence[Instruction]) -> str:
    """Draw the graph as an SVG."""
    picture = _picture(instructions)
    header = picture.header
    top = len(header) * 1.5 * _LINE
    width = max(picture.width, _ADVANCE * max(map(len, header))) + 2 * _MARGIN
    height = picture.height + top + 2 * _MARGIN
    shift = (width - picture.width) / 2
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}pt" height="{height:.0f}pt" '
        f'viewBox="0 0 {width:.1f} {height:.1f}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" '
        f'font-size="{_FONT}" text-anchor="middle" fill="{_INK}">',
        f"<title>{escape(', '.join(header))}</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
    ]
    lines += [
        f'<text x="{width / 2:.1f}" y="{_MARGIN + (1.5 * i + 0.8) * _LINE:.1f}">{escape(line)}</text>'
        for i, line in enumerate(header)
    ]
    lines.append(f'<g transform="translate({shift:.1f} {_MARGIN + top:.1f})">')
    for (x, y), *points in picture.curves:
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        lines.append(f'<path d="M{x:.1f},{y:.1f} C{path}" fill="none" stroke="{_GREY}"/>')
    for tip in picture.heads:
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in _triangle(tip))
        lines.append(f'<polygon points="{path}" fill="{_GREY}"/>')
    for box in picture.boxes:
        name, operation, shape = map(escape, box.texts)
        style = box.style
        lines.append(
            f'<rect x="{box.x - box.width / 2:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{_HEIGHT:.1f}" '
            f'rx="{style.radius}" fill="{style.fill}" stroke="{_INK}" stroke-width="{style.border}"/>'
        )
        first, second = _lines(box)
        lines.append(
            f'<text x="{box.x:.1f}" y="{first:.1f}"><tspan font-weight="bold">{name}</tspan> {operation}</text>'
            f'<text x="{box.x:.1f}" y="{second:.1f}" fill="{_GREY}">{shape}</text>'
        )
    return "\n".join([*lines, "</g>", "</svg>"])


def _lines(box: _Box) -> tuple[float, float]:
    """Base lines of the text in a box."""
    first = box.y + _PADDING / 2 + 0.77 * _LINE
    return first, first + _LINE


def _triangle(tip: _Point) -> list[_Point]:
    x, y = tip
    return [(x, y), (x - _ARROW / 2, y - _ARROW), (x + _ARROW / 2, y - _ARROW)]


def plot(instructions: Sequence[Instruction], path: Path, ax: Axes | None) -> Axes:
    """Draw the graph by matplotlib; letters are drawn as shapes, so that they keep fitting their boxes on any axes."""
    picture = _picture(instructions)
    inches = (picture.width + 2 * _MARGIN) / 72, (picture.height + 2 * _MARGIN) / 72 + 0.5
    scale = min(1.0, _MAX_INCHES / max(inches))
    ax = axes_for(path, ax, (max(scale * inches[0], 6.0), max(scale * inches[1], 1.0)))
    from matplotlib import patches
    from matplotlib.font_manager import FontProperties
    from matplotlib.path import Path as Shape
    from matplotlib.textpath import TextPath

    # The font that comes with matplotlib, for the boxes are measured for it.
    plain, bold = (FontProperties(family="DejaVu Sans Mono", weight=weight) for weight in ("normal", "bold"))

    def write(x: float, y: float, text: str, colour: str, font: FontProperties) -> None:
        # A dollar sign would begin a formula.
        shape = TextPath((x, -y), text.replace("$", r"\$"), _FONT, font)
        ax.add_patch(patches.PathPatch(shape, color=colour, linewidth=0))

    for points in picture.curves:
        shape = Shape([(x, -y) for x, y in points], [Shape.MOVETO] + [Shape.CURVE4] * (len(points) - 1))
        ax.add_patch(patches.PathPatch(shape, fill=False, edgecolor=_GREY, linewidth=scale))
    for tip in picture.heads:
        ax.add_patch(patches.Polygon([(x, -y) for x, y in _triangle(tip)], color=_GREY, linewidth=0))
    for box in picture.boxes:
        left, style = box.x - box.width / 2, box.style
        corners = f"round,pad=0,rounding_size={style.radius}" if style.radius else "square,pad=0"
        outline = patches.FancyBboxPatch((left, -box.y - _HEIGHT), box.width, _HEIGHT, corners)
        outline.set(facecolor=style.fill, edgecolor=_INK, linewidth=scale * style.border)
        ax.add_patch(outline)
        name, operation, shape_of = box.texts
        first, second = _lines(box)
        start = box.x - _ADVANCE * (len(name) + 1 + len(operation)) / 2
        write(start, first, name, _INK, bold)
        write(start + _ADVANCE * (len(name) + 1), first, operation, _INK, plain)
        write(box.x - _ADVANCE * len(shape_of) / 2, second, shape_of, _GREY, plain)
    ax.set(xlim=(-_MARGIN, picture.width + _MARGIN), ylim=(-picture.height - _MARGIN, _MARGIN), aspect="equal")
    ax.set_title("\n".join(picture.header), fontsize=_FONT)
    ax.set_axis_off()
    return save(ax, path)
