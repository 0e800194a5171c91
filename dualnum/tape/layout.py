"""Where the nodes and edges of a graph are drawn: in layers, so that all edges run downward.

The method of Sugiyama, Tagawa & Toda (1981): layers, then an order in each that avoids crossings, then coordinates. All edges
from one node that pass through a layer share one place in it, so that a variable that is used all over has one line.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

__all__ = ["Layout", "layered"]

_ORDERINGS = 12
_SWEEPS = 60
_GAP = 14.0  # between neighbours
_LINE = 4.0  # width of the place where edges pass
# How much an edge tends to be straight, beside one between results: the middle of a long one, and one from an input.
_STIFF, _LOOSE = 8.0, 0.01


class Layout(NamedTuple):
    """Places of nodes and edges.

    Attributes
    ----------
    x : list of float
        Centre of each node, in the units of the widths.
    layer : list of int
        Layer of each node, 0 on top.
    routes : list of lists of (int, list of float)
        For each node the edges that end there: where each comes from, and its places in the layers between.
    width : float
        Width of the whole.
    """

    x: list[float]
    layer: list[int]
    routes: list[list[tuple[int, list[float]]]]
    width: float


def layered(widths: Sequence[float], parents: Sequence[Sequence[int]]) -> Layout:
    """Lay out a graph whose nodes, of these widths, come after their parents."""
    layer = _layers(parents)
    rows: list[list[int]] = [[] for _ in range(max(layer, default=-1) + 1)]
    for i, row in enumerate(layer):
        rows[row].append(i)
    sizes = list(widths)
    # Where the edges from a node leave each layer: the node itself, then places made for them.
    trunks = [[i] for i in range(len(parents))]
    links: list[tuple[int, int]] = []
    for i, ps in enumerate(parents):
        for p in ps:
            trunk = trunks[p]
            while layer[p] + len(trunk) < layer[i]:
                rows[layer[p] + len(trunk)].append(len(sizes))
                links.append((trunk[-1], len(sizes)))
                trunk.append(len(sizes))
                sizes.append(_LINE)
            links.append((trunk[layer[i] - layer[p] - 1], i))
    above: list[list[int]] = [[] for _ in sizes]
    below: list[list[int]] = [[] for _ in sizes]
    for upper, lower in links:
        above[lower].append(upper)
        below[upper].append(lower)
    rows = _ordered(rows, above, below)
    x = _placed(rows, above, below, sizes, len(parents))
    routes = [[(p, [x[j] for j in trunks[p][1 : layer[i] - layer[p]]]) for p in ps] for i, ps in enumerate(parents)]
    width = max((x[i] + sizes[i] / 2 for i in range(len(sizes))), default=0.0)
    return Layout(x[: len(parents)], layer, routes, width)


def _layers(parents: Sequence[Sequence[int]]) -> list[int]:
    """Each node right below its parents, or right above its first use if that makes the edges shorter."""
    layer: list[int] = []
    uses: list[set[int]] = [set() for _ in parents]
    for i, ps in enumerate(parents):
        layer.append(1 + max((layer[p] for p in ps), default=-1))
        for p in ps:
            uses[p].add(i)

    def longer(i: int, target: int) -> set[int]:
        """Nodes whose edges grow when this one sinks; what is used by it alone may sink too."""
        grown: set[int] = set()
        for p in parents[i]:
            others = uses[p] - {i}
            if not others:
                above = longer(p, target - 1)
                grown |= above if len(above) <= 1 else {p}
            elif max(layer[j] for j in others) < target:
                grown.add(p)
        return grown

    for i in reversed(range(len(parents))):
        if uses[i]:
            target = min(layer[j] for j in uses[i]) - 1
            if len(longer(i, target)) <= 1:
                layer[i] = target
    return layer


def _ordered(rows: list[list[int]], above: list[list[int]], below: list[list[int]]) -> list[list[int]]:
    """Order each layer by the mean place of the neighbours in the one before, downward and upward in turn; keep the best."""
    best, fewest = rows, _crossings(rows, below)
    for sweep in range(_ORDERINGS):
        neighbours, step = (above, 1) if sweep % 2 == 0 else (below, -1)
        place: dict[int, float] = {}
        ordered = []
        for row in rows[::step]:
            means = {
                v: sum(place[u] for u in neighbours[v]) / len(neighbours[v]) if neighbours[v] else (i + 0.5) / len(row)
                for i, v in enumerate(row)
            }
            ordered.append(sorted(row, key=means.__getitem__))
            place |= {v: (i + 0.5) / len(row) for i, v in enumerate(ordered[-1])}
        rows = ordered[::step]
        crossings = _crossings(rows, below)
        if crossings < fewest:
            best, fewest = rows, crossings
    return best


def _crossings(rows: list[list[int]], below: list[list[int]]) -> int:
    place = {v: i for row in rows for i, v in enumerate(row)}
    total = 0
    for row in rows:
        ends = np.array([(place[v], place[u]) for v in row for u in below[v]]).reshape(-1, 2)
        start, end = (np.subtract.outer(column, column) for column in ends.T)
        total += int(np.count_nonzero(start * end < 0)) // 2
    return total


def _placed(
    rows: list[list[int]], above: list[list[int]], below: list[list[int]], sizes: list[float], count: int
) -> list[float]:
    """Coordinates: each node close to the weighted mean of its neighbours, none over another."""

    def weight(upper: int, lower: int) -> float:
        if upper >= count and lower >= count:
            return _STIFF
        return 1.0 if above[upper] else _LOOSE

    near = [[(u, weight(u, v)) for u in above[v]] + [(u, weight(v, u)) for u in below[v]] for v in range(len(sizes))]
    totals = [sum(w for _, w in neighbours) for neighbours in near]
    x = [0.0] * len(sizes)
    places = []
    for row in rows:
        offsets = list(accumulate((_GAP + (sizes[u] + sizes[v]) / 2 for u, v in pairwise(row)), initial=0.0))
        places.append((row, offsets))
        for v, offset in zip(row, offsets, strict=True):
            x[v] = offset - offsets[-1] / 2
    for sweep in range(_SWEEPS):
        for row, offsets in places if sweep % 2 == 0 else reversed(places):
            wishes = [sum(w * x[u] for u, w in near[v]) / totals[v] if near[v] else x[v] for v in row]
            shifts = [wish - offset for wish, offset in zip(wishes, offsets, strict=True)]
            increasing = _increasing(shifts, [totals[v] or _LOOSE for v in row])
            for v, shift, offset in zip(row, increasing, offsets, strict=True):
                x[v] = shift + offset
    left = min((place - size / 2 for place, size in zip(x, sizes, strict=True)), default=0.0)
    return [place - left for place in x]


def _increasing(wishes: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The sequence that never decreases and is closest to the one wished for (pooling of adjacent violators)."""
    pools: list[tuple[float, float, int]] = []
    for mean, total in zip(wishes, weights, strict=True):
        n = 1
        while pools and pools[-1][0] > mean:
            other, more, m = pools.pop()
            mean, total, n = (total * mean + more * other) / (total + more), total + more, n + m
        pools.append((mean, total, n))
    return [mean for mean, _, n in pools for _ in range(n)]
