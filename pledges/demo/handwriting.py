"""Drawn marks for people who do not exist: a smooth, signature-like line per seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from pledges.marks import HEIGHT, WIDTH

_STEPS = 7
_MARGIN = 15

_Point = tuple[float, float]


def scribble(rng: random.Random) -> str:
    """Path data as `marks.drawn` takes it: a name's zigzag, mostly underlined."""
    strokes = [_name(rng)]
    if rng.random() < 0.65:
        strokes.append(_underline(rng))
    if rng.random() < 0.3:
        strokes.append(_crossbar(rng))
    return "".join(map(_path, strokes))


def _name(rng: random.Random) -> list[_Point]:
    """A tall first letter, smaller ones after it, and a tail that runs out of the word."""
    x, slant = rng.uniform(120, 220), rng.uniform(10, 55)
    middle = rng.uniform(190, 235)
    points = [(x, middle + rng.uniform(10, 50))]
    for letter in range(rng.randint(5, 9)):
        tall = rng.uniform(110, 165) if letter == 0 or rng.random() < 0.15 else rng.uniform(25, 75)
        deep = rng.uniform(80, 140) if rng.random() < 0.2 else rng.uniform(15, 50)
        points.append((x + slant, middle - tall))
        # Going back a little behind the letter makes the loop.
        points.append((x + slant - rng.uniform(15, 55), middle - tall * 0.35))
        x += rng.uniform(38, 78)
        points.append((x, middle + deep))
    points.append((x + rng.uniform(60, 110), middle - rng.uniform(10, 60)))
    points.append((x + rng.uniform(150, 230), middle - rng.uniform(-20, 30)))
    return points


def _underline(rng: random.Random) -> list[_Point]:
    left, right = rng.uniform(130, 260), rng.uniform(600, 860)
    y = rng.uniform(290, 345)
    return [(right, y - rng.uniform(10, 40)), (left, y), (left + 60, y + 25), (right - 80, y + 5)]


def _crossbar(rng: random.Random) -> list[_Point]:
    x, y = rng.uniform(180, 420), rng.uniform(80, 130)
    return [(x, y), (x + 70, y - 8), (x + rng.uniform(120, 200), y - 22)]


def _path(points: Sequence[_Point]) -> str:
    (first, *rest) = _whole(_smooth(points))
    return f"M{first[0]} {first[1]}" + "".join(f"L{x} {y}" for x, y in rest)


def _whole(points: Iterator[_Point]) -> list[tuple[int, int]]:
    """Rounded, and kept inside the field."""
    return [
        (
            round(min(max(x, _MARGIN), WIDTH - _MARGIN)),
            round(min(max(y, _MARGIN), HEIGHT - _MARGIN)),
        )
        for x, y in points
    ]


def _smooth(points: Sequence[_Point]) -> Iterator[_Point]:
    """A Catmull-Rom spline through the points."""
    padded = [points[0], *points, points[-1]]
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(_STEPS):
            t = step / _STEPS
            yield _between(a[0], b[0], c[0], d[0], t), _between(a[1], b[1], c[1], d[1], t)
    yield points[-1]


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )
