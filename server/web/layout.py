"""A layered drawing, left to right: every node in a column by its distance along the arrows, boxes that never overlap.

Own and simple on purpose: the graphs are small (at most a few hundred nodes), the boxes have a fixed width, and the
same positions serve the drawing without JavaScript, the exported SVG and the interactive view.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 190  # of a box, in px
LINE: Final = 17  # height of a line of a label
CHARACTERS: Final = 24  # of a label's line; at 13 px a box of this width holds 26 wide ones
PADDING: Final = 12
GAP_X: Final = 150  # between columns: room for the words on an arrow
GAP_Y: Final = 14
TALL: Final = 900  # a layer higher than this is folded into several columns


@dataclass(frozen=True)
class Box:
    """A node's place: centre, size and the lines of its label."""

    id: str
    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Drawing:
    """The boxes by node, and the size of the whole."""

    boxes: Mapping[str, Box]
    width: float
    height: float


def wrap(label: str) -> tuple[str, ...]:
    """A label in lines that fit in a box; at most four, the last one cut by an ellipsis."""
    lines = textwrap.wrap(label, CHARACTERS) or [""]
    return tuple(lines if len(lines) <= 4 else [*lines[:3], lines[3][: CHARACTERS - 1] + "…"])


def layered(
    labels: Mapping[str, str], arrows: Iterable[tuple[str, str]], *, centre: str | None = None, ends: Sequence[str] = ()
) -> Drawing:
    """Boxes for labelled nodes in layers.

    With `ends` the layer is the distance from the first of them; with `centre` what points to it stands left and what
    it points to right; else layers follow the arrows, cycles being cut where they close.
    """
    pairs = [(a, b) for a, b in arrows if a != b and a in labels and b in labels]
    if len(ends) == 2:
        layer = _distances(labels, pairs, ends[0])
    elif centre in labels:
        layer = _sides(labels, pairs, str(centre))
    else:
        layer = _follow(labels, pairs)
    columns: dict[int, list[str]] = {}
    for node in labels:
        columns.setdefault(layer[node], []).append(node)
    return _place(labels, _order(columns, pairs))


def _distances(labels: Iterable[str], pairs: Sequence[tuple[str, str]], start: str) -> dict[str, int]:
    found, front = {start: 0}, {start}
    while front:
        front = {b if a in front else a for a, b in pairs if (a in front) != (b in front)} - set(found)
        found.update(dict.fromkeys(front, max(found.values()) + 1))
    return {node: found.get(node, 0) for node in labels}


def _sides(labels: Iterable[str], pairs: Sequence[tuple[str, str]], centre: str) -> dict[str, int]:
    left = {a for a, b in pairs if b == centre}
    right = {b for a, b in pairs if a == centre}
    return {node: 1 if node == centre else 0 if node in left - right else 2 for node in labels}


def _follow(labels: Iterable[str], pairs: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The longest way along the arrows, without those that close a cycle."""
    nodes = list(labels)
    after: dict[str, list[str]] = {node: [] for node in nodes}
    for a, b in pairs:
        after[a].append(b)
    state: dict[str, int] = {}
    forward: dict[str, list[str]] = {node: [] for node in nodes}
    finished: list[str] = []
    for root in nodes:
        stack = [(root, iter(after[root]))] if root not in state else []
        state.setdefault(root, 1)
        while stack:
            node, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                state[node] = 2
                finished.append(node)
                stack.pop()
            elif state.get(following) != 1:  # 1 is on the stack: this arrow closes a cycle
                forward[node].append(following)
                if following not in state:
                    state[following] = 1
                    stack.append((following, iter(after[following])))
    layer = dict.fromkeys(nodes, 0)
    for node in reversed(finished):
        for following in forward[node]:
            layer[following] = max(layer[following], layer[node] + 1)
    return layer


def _order(columns: Mapping[int, list[str]], pairs: Sequence[tuple[str, str]]) -> list[list[str]]:
    """The columns with their nodes in an order with few crossings: at the mean place of its neighbours, four sweeps."""
    near: dict[str, list[str]] = {}
    for a, b in pairs:
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    ordered = [list(columns[key]) for key in sorted(columns)]
    place = {node: index / max(len(column), 1) for column in ordered for index, node in enumerate(column)}
    for sweep in range(4):
        for column in ordered if sweep % 2 == 0 else reversed(ordered):
            means = {
                node: sum(place[other] for other in near.get(node, [node])) / len(near.get(node, [node]))
                for node in column
            }
            column.sort(key=lambda node: means[node])
            place.update({node: index / len(column) for index, node in enumerate(column)})
    return ordered


def _place(labels: Mapping[str, str], columns: Sequence[Sequence[str]]) -> Drawing:
    lines = {node: wrap(label) for node, label in labels.items()}
    height = {node: len(found) * LINE + LINE + PADDING for node, found in lines.items()}  # one more line: the kind
    folded = [part for column in columns for part in _fold(column, height)]
    heights = [sum(height[node] + GAP_Y for node, _ in part) - GAP_Y for part in folded]
    tallest = max(heights, default=0)
    boxes: dict[str, Box] = {}
    x = PADDING + WIDTH / 2
    for part, total in zip(folded, heights, strict=True):
        y = PADDING + (tallest - total) / 2
        for node, _ in part:
            boxes[node] = Box(node, x, y + height[node] / 2, WIDTH, height[node], lines[node])
            y += height[node] + GAP_Y
        x += WIDTH + (GAP_X if part and part[-1][1] else GAP_Y * 2)
    right = max((box.x for box in boxes.values()), default=0.0) + WIDTH / 2 + PADDING
    return Drawing(boxes, right, tallest + 2 * PADDING)


def _fold(column: Sequence[str], height: Mapping[str, int]) -> list[list[tuple[str, bool]]]:
    """A layer in columns of bearable height; each node with whether it stands in the layer's last column."""
    parts: list[list[str]] = [[]]
    used = 0
    for node in column:
        if used + height[node] > TALL and parts[-1]:
            parts.append([])
            used = 0
        parts[-1].append(node)
        used += height[node] + GAP_Y
    return [[(node, part is parts[-1]) for node in part] for part in parts]


def ring(labels: Mapping[str, str], centre: str) -> Drawing:
    """One node in the middle and the others around it, along a rectangle, clockwise from the upper left."""
    around = [node for node in labels if node != centre]
    columns = max(2, min(6, (len(around) + 1) // 2))
    rows = max(3, 2 + (max(len(around) - 2 * columns, 0) + 1) // 2)
    cells = [(column, 0) for column in range(columns)]
    cells += [(columns - 1, row) for row in range(1, rows - 1)]
    cells += [(column, rows - 1) for column in reversed(range(columns))]
    cells += [(0, row) for row in reversed(range(1, rows - 1))]
    lines = {node: wrap(label) for node, label in labels.items()}
    tall = max((len(found) for found in lines.values()), default=1) * LINE + LINE + PADDING
    across, down = WIDTH + GAP_Y, tall + GAP_X / 4

    def box(node: str, column: float, row: float) -> Box:
        x, y = PADDING + WIDTH / 2 + column * across, PADDING + tall / 2 + row * down
        return Box(node, x, y, WIDTH, len(lines[node]) * LINE + LINE + PADDING, lines[node])

    boxes = {node: box(node, *cell) for node, cell in zip(around, cells, strict=False)}
    boxes[centre] = box(centre, (columns - 1) / 2, (rows - 1) / 2)
    return Drawing(boxes, columns * across - GAP_Y + 2 * PADDING, (rows - 1) * down + tall + 2 * PADDING)
