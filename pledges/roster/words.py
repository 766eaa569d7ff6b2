"""Text as people type it into cells, made comparable."""

from __future__ import annotations

import re

from pledges import fonts

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_DASHES = re.compile(r"[-–—_.\s]+")
_NOT_A_WORD = re.compile(r"[\W_]+")


def vocabulary(words: str) -> frozenset[str]:
    return frozenset(words.split())


def tidy(text: str) -> str:
    """One line, single spaces, composed letters, no unseen characters."""
    if not text.isascii():
        text = fonts.composed(_UNSEEN.sub("", text))
    return " ".join(text.split())


def filled(text: str) -> str:
    """The text, tidied; empty where a dash stands for "nothing"."""
    return "" if _DASHES.fullmatch(text) else tidy(text)


def fold(text: str) -> str:
    """Equal for texts that differ in case, punctuation, spacing or "&" for "dan" only."""
    if not text.isascii():
        text = fonts.composed(_UNSEEN.sub("", text), "NFKC")
    return _NOT_A_WORD.sub(" ", text.replace("&", " dan ").casefold()).strip()
