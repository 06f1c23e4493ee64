"""Pictures as plain values, which one SVG template draws: boxes with words, and arrows between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from server.web.classes import ClassMap, Link
from server.web.layout import LINE, Box, Drawing, layered, ring
from server.web.network import Network
from server.web.vocabulary import Vocabulary

_BEND: Final = 60.0  # px that an arrow runs straight out of its box before it turns
_DENSE: Final = 24  # arrows beyond which their words stand in their titles only


@dataclass(frozen=True)
class Shape:
    """A box of a picture: its place, words, the smaller line below them, colour family and where it leads."""

    id: str
    box: Box
    note: str
    hue: str
    href: str = ""
    chosen: bool = False

    @property
    def rows(self) -> tuple[tuple[float, str], ...]:
        """The lines of the label with their baselines."""
        top = self.box.y - self.box.height / 2 + 20
        return tuple((round(top + index * LINE, 1), line) for index, line in enumerate(self.box.lines))

    @property
    def note_y(self) -> float:
        """The baseline of the note."""
        return round(self.box.y + self.box.height / 2 - 9, 1)


@dataclass(frozen=True)
class Arrow:
    """An arrow: its path, its words with their place, and all that it stands for as a title."""

    source: str
    target: str
    path: str
    words: str
    x: float
    y: float
    title: str
    weight: int = 1
    minor: bool = False


@dataclass(frozen=True)
class Picture:
    """A drawing with its size in px."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    arrows: tuple[Arrow, ...]
    title: str = ""


def class_picture(vocabulary: Vocabulary, found: ClassMap) -> Picture:
    """The kinds of things that the graph holds, and how their facts connect them."""
    kinds = {kind.iri: kind for kind, _ in found.counts}
    counts = {kind.iri: count for kind, count in found.counts}
    pairs = found.pairs
    degree = {iri: sum(iri in pair for pair in pairs) for iri in kinds}
    if not kinds:
        return Picture(0, 0, (), ())
    centre = max(degree, key=lambda iri: degree[iri])
    drawing = ring({iri: kind.plural for iri, kind in kinds.items()}, centre)
    shapes = tuple(
        Shape(iri, drawing.boxes[iri], str(counts[iri]), kind.hue, "/explore?" + urlencode({"kind": kind.name}))
        for iri, kind in kinds.items()
    )
    arrows = tuple(
        _spoke(drawing, a, b, centre, str(sum(link.count for link in links)), _said(links))
        for (a, b), links in pairs.items()
    )
    return Picture(drawing.width, drawing.height, shapes, arrows, "How the kinds of things connect")


def _said(links: Iterable[Link]) -> str:
    return "\n".join(f"{link.source.label} {link.relation.label} {link.target.label}: {link.count}" for link in links)


def network_picture(network: Network, centre: str | None = None) -> Picture:
    """The nodes of a network, left to right, and its facts; several facts between two nodes are one arrow."""
    together: dict[tuple[str, str], list[str]] = {}
    for edge in network.edges:
        together.setdefault((edge.subject, edge.object), []).append(edge.relation.label)
    labels = {iri: thing.label for iri, thing in network.nodes.items()}
    drawing = layered(labels, together, centre=centre, ends=network.ends)
    shapes = tuple(
        Shape(
            thing.iri,
            drawing.boxes[iri],
            thing.kind.label if thing.kind else "",
            thing.hue,
            thing.url if "#" in thing.iri else explore_url(thing.name),
            iri == centre or iri in network.ends,
        )
        for iri, thing in network.nodes.items()
    )
    shown = len(together) <= _DENSE
    arrows = tuple(
        _arrow(
            drawing, a, b, ", ".join(words) if shown else "", f"{labels[a]} {', '.join(words)} {labels[b]}", len(words)
        )
        for (a, b), words in together.items()
    )
    return Picture(drawing.width, drawing.height, shapes, arrows, "The facts between these things")


def explore_url(name: str, **more: str) -> str:
    """The explorer with a thing in focus."""
    return "/explore?" + urlencode({"focus": name, **more})


def _arrow(drawing: Drawing, a: str, b: str, words: str, title: str, weight: int) -> Arrow:
    """An arrow from the side of one box to the side of another; within a column it bows out to the right."""
    one, two = drawing.boxes[a], drawing.boxes[b]
    right = two.x >= one.x
    ahead = abs(two.x - one.x) > one.width
    if a == b:
        x1 = x2 = one.x + one.width / 2
        y1, y2, bend1, bend2 = one.y - 10, one.y + 10, x1 + 46, x1 + 46
    elif not ahead:
        x1 = x2 = one.x + one.width / 2
        y1, y2, bend1, bend2 = one.y, two.y, x1 + _BEND, x1 + _BEND
    else:
        x1, x2 = (
            (one.x + one.width / 2, two.x - two.width / 2) if right else (one.x - one.width / 2, two.x + two.width / 2)
        )
        y1, y2 = one.y, two.y
        bend1, bend2 = (x1 + _BEND, x2 - _BEND) if right else (x1 - _BEND, x2 + _BEND)
    path = f"M{x1:.0f} {y1:.0f}C{bend1:.0f} {y1:.0f} {bend2:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
    middle = (x1 + 3 * bend1 + 3 * bend2 + x2) / 8
    return Arrow(a, b, path, words, round(middle, 1), round((y1 + y2) / 2 - 4, 1), title, weight)


def _spoke(drawing: Drawing, a: str, b: str, centre: str, words: str, title: str) -> Arrow:
    """An arrow of a ring: straight from or to the middle, else bent towards it; its words are nearer the outer end."""
    one, two, hub = drawing.boxes[a], drawing.boxes[b], drawing.boxes[centre]
    if a == b:
        arrow = _arrow(drawing, a, b, words, title, 1)
        return replace(arrow, x=arrow.x + 8)
    pull = 0.0 if centre in (a, b) else 0.45
    bend = ((one.x + two.x) / 2 * (1 - pull) + hub.x * pull, (one.y + two.y) / 2 * (1 - pull) + hub.y * pull)
    x1, y1 = _edge(one, bend)
    x2, y2 = _edge(two, bend)
    path = f"M{x1:.0f} {y1:.0f}Q{bend[0]:.0f} {bend[1]:.0f} {x2:.0f} {y2:.0f}"
    at = 0.62 if a == centre else 0.38 if b == centre else 0.5
    x, y = (
        ((1 - at) ** 2) * p + 2 * at * (1 - at) * q + at * at * r for p, q, r in ((x1, bend[0], x2), (y1, bend[1], y2))
    )
    major = centre in (a, b)
    return Arrow(a, b, path, words if major else "", round(x, 1), round(y + 4, 1), title, minor=not major)


def _edge(box: Box, towards: tuple[float, float]) -> tuple[float, float]:
    """Where the line from a box's centre towards a point leaves the box."""
    dx, dy = towards[0] - box.x, towards[1] - box.y
    reach = min(box.width / 2 / abs(dx) if dx else 1e9, box.height / 2 / abs(dy) if dy else 1e9, 1.0)
    return box.x + dx * reach, box.y + dy * reach


def positions(picture: Picture) -> Mapping[str, Mapping[str, float]]:
    """The centres and sizes of the boxes, for the interactive view."""
    return {
        one.id: {"x": round(one.box.x), "y": round(one.box.y), "w": round(one.box.width), "h": round(one.box.height)}
        for one in picture.shapes
    }
