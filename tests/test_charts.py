"""The outline of a line over time."""

from __future__ import annotations

import datetime
import re

from pledges import charts
from pledges.charts import Chart

EIGHT = datetime.datetime(2024, 7, 29, 8, tzinfo=datetime.UTC)
MINUTE, HOUR, DAY = (datetime.timedelta(**{unit: 1}) for unit in ("minutes", "hours", "days"))


def growth(counts, *, hours=4, whole=100, step=HOUR, mark=EIGHT - DAY) -> Chart:
    rows = [(EIGHT + step * at, count) for at, count in counts]
    chart = charts.growth(rows, step=step, end=EIGHT + HOUR * hours, whole=whole, mark=mark)
    assert chart is not None
    return chart


def points(chart: Chart) -> list[tuple[int, int]]:
    return [(int(x), int(y)) for x, y in re.findall(r"(\d+) (\d+)", chart.line)]


def test_the_line_grows_from_nothing_and_reaches_the_top_when_all_have_come():
    assert points(growth([(0, 50), (3, 50)])) == [
        (0, 240), (248, 120), (748, 120), (1000, 0),
    ]  # fmt: skip


def test_it_goes_on_level_while_nobody_comes():
    assert points(growth([(0, 25)]))[-2:] == [(248, 180), (1000, 180)]


def test_one_who_came_just_now_is_drawn_too():
    assert points(growth([(0, 1)], hours=0, whole=1)) == [(0, 240), (1000, 0)]


def test_without_anybody_there_is_no_chart():
    assert charts.growth([], step=HOUR, end=EIGHT, whole=10, mark=EIGHT) is None


def test_the_busiest_hour_is_told_also_when_minutes_are_counted():
    chart = growth([(5, 3), (59, 4), (60, 6)], step=MINUTE)
    assert (chart.peak, chart.peak_at, chart.by_day) == (7, EIGHT, False)


def test_thousands_of_steps_make_a_line_of_few_points():
    chart = growth([(at, 1) for at in range(6000)], step=MINUTE, hours=100, whole=6000)
    assert len(points(chart)) <= 252
    assert points(chart)[-1] == (1000, 0)


def test_a_moment_on_the_way_is_marked_and_one_outside_is_not():
    assert growth([(0, 1)], mark=EIGHT + HOUR).mark == 250
    assert growth([(0, 1)], mark=EIGHT + DAY).mark is None


def test_more_than_were_hoped_for_stay_inside_the_box():
    assert points(growth([(0, 9)], whole=3))[-1] == (1000, 0)
