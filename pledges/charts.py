"""A line over time as the outline of an SVG drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WIDTH, HEIGHT = 1000, 240
# A line of more points is as wide as these and takes longer to send.
_POINTS = 250


@dataclass(frozen=True, slots=True)
class Chart:
    """How a count grew from nothing at `start` up to `end`, in a box of WIDTH × HEIGHT whose
    upper edge is the count that is hoped for. `line` and `area` are path data."""

    start: datetime
    end: datetime
    line: str
    area: str
    # Where on the way some moment lies, from the left; None where it lies outside.
    mark: int | None
    # The most that came within one hour, or day, and when that began.
    peak: int
    peak_at: datetime
    by_day: bool


def growth(
    counts: Sequence[tuple[datetime, int]],
    *,
    step: timedelta,
    end: datetime,
    whole: int,
    mark: datetime,
) -> Chart | None:
    """Of counts by the beginning of the step in which they came, in order; None without any."""
    if not counts:
        return None
    start = counts[0][0]
    end = max(end, start + step)
    points = _points(counts, start=start, end=end, step=step, whole=whole)
    line = "M" + "L".join(f"{x} {y}" for x, y in points)
    peak_at, peak = max(_by_hour(counts), key=lambda row: row[1])
    return Chart(
        start=start,
        end=end,
        line=line,
        area=f"{line}V{HEIGHT}H0Z",
        mark=_across(mark, start, end) if start < mark < end else None,
        peak=peak,
        peak_at=peak_at,
        by_day=step >= timedelta(days=1),
    )


def _points(
    counts: Iterable[tuple[datetime, int]],
    *,
    start: datetime,
    end: datetime,
    step: timedelta,
    whole: int,
) -> list[tuple[int, int]]:
    """Level until the step begins in which somebody came, and reached when it is over."""
    so_far = 0
    heights = {0: 0}
    for begins, count in counts:
        heights.setdefault(_column(_across(begins, start, end)), so_far)
        so_far += count
        heights[_column(_across(min(begins + step, end), start, end))] = so_far
    heights[WIDTH] = so_far
    return [(x, round(HEIGHT * (1 - min(height, whole) / whole))) for x, height in heights.items()]


def _across(time: datetime, start: datetime, end: datetime) -> int:
    return round(WIDTH * ((time - start) / (end - start)))


def _column(x: int) -> int:
    width = WIDTH // _POINTS
    return x // width * width


def _by_hour(counts: Iterable[tuple[datetime, int]]) -> Iterable[tuple[datetime, int]]:
    hours: Counter[datetime] = Counter()
    for begins, count in counts:
        hours[begins.replace(minute=0)] += count
    return hours.items()
