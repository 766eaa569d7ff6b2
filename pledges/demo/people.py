"""People who do not exist: names as they are given in a region, and numbers that are well formed.

Serial numbers of a NIP stay above 900, which agencies hardly reach, and NIK begin with 99,
which is no province: nobody's own number is hit by chance.
"""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pledges.demo.sources import FOLDER
from pledges.roster.ranks import RANKS

Sex = Literal["male", "female"]

_NAMES = json.loads((FOLDER / "names.json").read_text("utf-8"))
_GRADES = list(RANKS)
_YEARS_PER_GRADE = 4


@dataclass(frozen=True, slots=True)
class Career:
    birth: datetime.date
    appointed: datetime.date


class Crowd:
    """Makes people of one region, the same ones for the same seed, no two alike."""

    def __init__(self, region: str, *, today: datetime.date, taken: set[str], seed: str) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - nothing secret is made of it
        self._region = _NAMES[region]
        self._today = today
        self._taken = taken

    def sex(self) -> Sex:
        return self.rng.choice(("male", "female"))

    def name(self, sex: Sex) -> str:
        """Without titles."""
        return self._fresh(lambda: self._any_name(sex))

    def _any_name(self, sex: Sex) -> str:
        (first,) = self._some(self._region[sex]["first"])
        second, third = self._some(self._region[sex]["last"], 2)
        pick = self.rng.random()
        if self._region["family"]:
            (family,) = self._some(self._region["family"])
            return f"{first} {second} {family}" if pick < 0.35 else f"{first} {family}"
        if pick < 0.05:
            return first
        return f"{first} {second} {third}" if pick < 0.2 else f"{first} {second}"

    def _some(self, names: str, count: int = 1) -> list[str]:
        return self.rng.sample(names.split(", "), count)

    def with_titles(self, name: str, titles: list[str], *, sex: Sex, career: Career) -> str:
        """`titles` are those before and those after the name; pilgrims have one more."""
        before, after = titles
        if self._region["muslim"] and career.birth.year < 1981 and self.rng.random() < 0.35:
            before = f"{before} {'H.' if sex == 'male' else 'Hj.'}".strip()
        return f"{before} {name}".strip() + (f", {after}" if after else "")

    def civil_servant(self, grade: str, *, entry: str) -> Career:
        """Somebody who rose from the entry grade to this one, four years each."""
        risen = max(0, _GRADES.index(grade) - _GRADES.index(entry))
        served = risen * _YEARS_PER_GRADE + self.rng.randint(1, _YEARS_PER_GRADE)
        appointed = datetime.date(self._today.year - served, self.rng.choice((1, 3, 4, 12)), 1)
        return Career(self._born(appointed.year - self.rng.randint(22, 30)), appointed)

    def contracted(self) -> Career:
        """A PPPK; the first were appointed in 2021."""
        appointed = datetime.date(self.rng.randint(2021, self._today.year), 3, 1)
        return Career(self._born(appointed.year - self.rng.randint(24, 45)), appointed)

    def _born(self, year: int) -> datetime.date:
        return datetime.date(year, 1, 1) + datetime.timedelta(days=self.rng.randrange(365))

    def nip(self, career: Career, *, sex: Sex, contracted: bool) -> str:
        month = "21" if contracted else f"{career.appointed:%m}"
        head = f"{career.birth:%Y%m%d}{career.appointed:%Y}{month}{1 if sex == 'male' else 2}"
        return self._fresh(lambda: f"{head}{self.rng.randint(901, 999)}")

    def nik(self, career: Career, *, sex: Sex) -> str:
        """The day of birth of women is written plus 40."""
        day = career.birth.day + (0 if sex == "male" else 40)
        tail = f"{day:02d}{career.birth:%m%y}"
        return self._fresh(
            lambda: f"9901{self.rng.randint(1, 30):02d}{tail}{self.rng.randint(1, 99):04d}"
        )

    def _fresh(self, make: Callable[[], str]) -> str:
        """Made again until nobody has it."""
        while (made := make()) in self._taken:
            pass
        self._taken.add(made)
        return made
