"""The form of a pact: its page, laid out once, into which people are pressed.

A printer sets a form once and prints each person into it. WeasyPrint lays the page out with a
specimen, whose every line is a marker, pyHanko seals it, and it is cut into what is the same for
everybody and the places for the rest.

Where these are depends on few facts about a person, among them how many lines each value takes.
They are a `Shape`, and there is a form for each shape of a text. It is kept in memory, where it
was made in a tenth of a second: a stored one would have to be told from those that another
version of WeasyPrint made.
"""

from __future__ import annotations

import logging
import string
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pledges import fonts
from pledges.documents import cutting, pact_form
from pledges.documents.cutting import ALPHABET_SIZE, Form
from pledges.documents.lines import Type, Unsettable
from pledges.documents.pact_form import Page
from pledges.marks import Mark
from pledges.pact import Pact

if TYPE_CHECKING:
    from pledges.documents.seal import Sealer

logger = logging.getLogger(__name__)

# What every form has the glyphs of, in each style: more would be weight in every document.
_LETTERS = f"{string.ascii_letters} .,'-"
_USUAL = {"": _LETTERS + string.digits + "/():;@•", "bold": _LETTERS, "italic": _LETTERS}
# Whoever needs one of these has a form with all of its kind, so that there are few forms.
_KINDS = (
    frozenset(string.digits),
    frozenset(string.punctuation),
    frozenset("áàâäçéèêëíïñóöúü‘’“”–"),
)
_SPECIMEN = Mark(Mark.DRAWN, "M0 0L1000 400")
# In which element of the page, by its id, the lines of a slot stand.
_ROOMS = {
    "row 0": "rows", "serial": "notes", "place": "signer", "position": "signer",
    "typed": "signer", "name": "signer", "number": "signer", "url": "check", "note": "notes",
}  # fmt: skip


def is_row(slot: str) -> bool:
    return slot.startswith("row ")


def is_set(slot: str) -> bool:
    """Whether what is said there stands on the page; else in the file's own data alone."""
    return is_row(slot) or slot in _ROOMS


@dataclass(frozen=True, slots=True)
class Shape:
    """Of people whose pages differ in nothing but words, mark and QR code."""

    labels: tuple[str, ...]
    remarks: tuple[str, ...]
    notes: tuple[str, ...]
    is_typed_small: bool
    are_notes_long: bool
    # How many lines each slot takes.
    counts: tuple[tuple[str, int], ...]
    # Characters that are not in every form, in their order.
    characters: str = ""

    @property
    def is_typed(self) -> bool:
        return "typed" in dict(self.counts)


@dataclass(frozen=True, slots=True)
class Setting:
    """In which type a slot is set, and how wide its lines may be, in CSS pixels."""

    type: Type
    width: float


def make(text: Pact, shape: Shape, *, sealer: Sealer, watermark: str) -> Form:
    """Raises Unsettable where the page is not as a form needs it."""
    made = _made(text, shape, sealer, watermark)
    if isinstance(made, Unsettable):
        raise made
    return made


@lru_cache(maxsize=256)
def _made(text: Pact, shape: Shape, sealer: Sealer, watermark: str) -> Form | Unsettable:
    """Kept, also where it could not be made: to find that out takes as long."""
    page, slots = _specimen(shape)
    pdf = pact_form.lay_out(text, page, identifier="", watermark=watermark, also=_rules(shape))
    sealed = sealer.specimen(pdf, place=text.event.city, url=page.said["link"])
    try:
        made = cutting.cut(sealed, slots)
    except Unsettable as error:
        return error
    # As often as each should be, which is on every page for the notes: the text itself might
    # say what a marker says.
    found = Counter((line.slot, line.number) for line in made.lines)
    often = {"note": len(made.contents)}
    if found != {
        (slot, line): often.get(slot, 1) for slot, count in shape.counts for line in range(count)
    }:
        return Unsettable("a line of the specimen is not where it should be")
    logger.debug("form %s of the text %s, by %s", made.digest, text.digest, cutting.MADE_BY)
    return made


@lru_cache(maxsize=64)
def measure(text: Pact, *, sealer: Sealer, watermark: str) -> dict[str, Setting]:
    """How each slot is set, found on a page on which all of them are."""
    shape = Shape(
        labels=("Nama",),
        remarks=(),
        notes=(),
        is_typed_small=False,
        are_notes_long=False,
        counts=tuple((slot, 1) for slot in _ROOMS),
    )
    form = make(text, shape, sealer=sealer, watermark=watermark)
    page, _ = _specimen(shape)
    places = pact_form.places(text, page, watermark=watermark)
    return {
        line.slot: Setting(line.type, places[_ROOMS[line.slot]][2] - places[_ROOMS[line.slot]][0])
        for line in form.lines
    }


def _specimen(shape: Shape) -> tuple[Page, list[str]]:
    """A page of this shape whose every line is a marker, and the slots by a marker's number."""
    counts = dict(shape.counts)
    slots = [*counts, "title", "description", "drawn_by", "link"]
    said = {
        slot: "\n".join(cutting.marker(place, line) for line in range(counts.get(slot, 1)))
        for place, slot in enumerate(slots)
    }
    said["link"] = f"pakta-place:{said['link']}"
    page = Page(
        said=said,
        labels=shape.labels,
        remarks=shape.remarks,
        notes=shape.notes,
        mark=Mark(Mark.TYPED, said["typed"]) if shape.is_typed else _SPECIMEN,
        typed_size=pact_form.TYPED_SIZES[-1 if shape.is_typed_small else 0],
        are_notes_long=shape.are_notes_long,
    )
    return page, slots


def unusual(said: Mapping[str, str]) -> str:
    """The characters on a page of which not every form has the glyphs."""
    words = {slot: words for slot, words in said.items() if is_set(slot)}
    found = set("".join(words.values())) - set(_USUAL[""])
    for slot, style in {"name": "bold", "typed": "italic"}.items():
        found |= set(words.get(slot, "")) - set(_USUAL[style])
    for kind in _KINDS:
        if found & kind:
            found |= kind
    return "".join(sorted(found - {"\n"}))


def _rules(shape: Shape) -> str:
    """What a specimen needs beside the page's own style. Its lines are broken as they are given;
    and letters stand in the margin, so that their glyphs get into the file's fonts: they are cut
    out again."""
    boxes = {"": "top-left-corner", "bold": "top-left", "italic": "top-right"}
    if not shape.is_typed:
        del boxes["italic"]
    rules = []
    for style, box in boxes.items():
        letters = "".join(f"\\{ord(letter):x} " for letter in _USUAL[style] + shape.characters)
        rules.append(
            f'@{box} {{ content: "{letters}"; white-space: nowrap; '
            f'font: {style} {ALPHABET_SIZE}px "{fonts.FAMILY}" }}'
        )
    return f"""
        @page {{ {" ".join(rules)} }}
        td, .signer p, .check a, footer p {{ white-space: pre-line }}
    """
