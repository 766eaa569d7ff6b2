"""The roster of a demo event: units with a head, deputies and staff, each in a fitting post."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pledges.demo.people import Career, Crowd, Sex
from pledges.demo.sources import FOLDER, Source
from pledges.roster.cells import Kind
from pledges.roster.ranks import RANKS
from pledges.roster.rows import Row

_POSTS: dict[str, Any] = json.loads((FOLDER / "posts.json").read_text("utf-8"))
_UNITS: dict[str, Any] = json.loads((FOLDER / "units.json").read_text("utf-8"))
# Of the posts that a PPPK can hold, so many are held by one.
_CONTRACTED = 0.35
_WITH_EMAIL = 0.7


@dataclass(frozen=True, slots=True)
class _Post:
    title: str
    study: str
    grades: tuple[str, ...] = ()
    pppk: str = ""
    echelon: str = ""
    ladder: str = ""
    sex: Sex | None = None
    non_asn: bool = False

    @property
    def entry(self) -> str:
        """The grade that a career towards this post began with."""
        return min(self.grades[0], "III/a", key=list(RANKS).index)

    def position(self, grade: str, unit: str) -> str:
        title = self.title.format(unit=unit, place=unit.partition(" ")[2])
        level = _POSTS["ladders"].get(self.ladder, {}).get(grade, "")
        return f"{title} {level}".strip()


def rows(source: Source) -> list[Row]:
    """Everybody on the roster, unit by unit, its head first. The same at every call."""
    crowd = Crowd(source.region, today=source.date, taken=set(source.officials), seed=source.key)
    places = [
        (post, path)
        for path, count in _units(_UNITS[source.key])
        for post in _staffing(crowd, source, path[-1], count)
    ]
    return [
        _person(crowd, post, path, row=number, domain=source.domain)
        for number, (post, path) in enumerate(places, start=1)
    ]


def _units(
    units: list[dict[str, Any]], above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], int]]:
    for unit in units:
        path = (*above, unit["name"])
        yield path, unit["people"]
        yield from _units(unit.get("units", []), path)


def _staffing(crowd: Crowd, source: Source, unit: str, count: int) -> list[_Post]:
    kind = next(kind for kind in _POSTS["units"] if unit.startswith(kind["prefix"]))
    staff = [post for post in map(_post, kind["staff"]) if source.has_non_asn or not post.non_asn]
    heads = [_post(key) for key in kind["heads"]][:count]
    return heads + [crowd.rng.choice(staff) for _ in range(count - len(heads))]


@cache
def _post(key: str) -> _Post:
    told = _POSTS["posts"][key]
    return _Post(**told | {"grades": tuple(told.get("grades", ()))})


def _person(crowd: Crowd, post: _Post, path: tuple[str, ...], *, row: int, domain: str) -> Row:
    sex = post.sex or crowd.sex()
    kind, grade = _standing(crowd, post)
    career = _career(crowd, kind, grade, post)
    plain = crowd.name(sex)
    titles = crowd.rng.choice(_POSTS["studies"][post.study])
    is_nik = kind == "non_asn"
    return Row(
        sheet="",
        row=row,
        unit=path,
        kind=kind,
        name=crowd.with_titles(plain, titles, sex=sex, career=career),
        nip=None if is_nik else crowd.nip(career, sex=sex, contracted=kind == "pppk"),
        nik=crowd.nik(career, sex=sex) if is_nik else None,
        rank=RANKS.get(grade, ""),
        grade=grade,
        position=post.position(grade, path[-1]),
        echelon=post.echelon,
        email=_email(plain, domain) if crowd.rng.random() < _WITH_EMAIL else "",
        phone="",
    )


def _standing(crowd: Crowd, post: _Post) -> tuple[Kind, str]:
    if post.non_asn:
        return "non_asn", ""
    if post.pppk and crowd.rng.random() < _CONTRACTED:
        return "pppk", post.pppk
    return "pns", crowd.rng.choice(post.grades)


def _career(crowd: Crowd, kind: Kind, grade: str, post: _Post) -> Career:
    if kind == "pns":
        return crowd.civil_servant(grade, entry=post.entry)
    return crowd.contracted()


def _email(name: str, domain: str) -> str:
    return f"{'.'.join(name.lower().split())}@{domain}"
