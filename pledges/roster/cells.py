"""Single cells → clean values, or the reason why not."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from pledges.roster.words import filled, fold, tidy, vocabulary

LONGEST_NAME = 150
LONGEST_ECHELON = 10

Kind = Literal["pns", "pppk", "pppk_paruh_waktu", "non_asn"]

_ERROR = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|[A-Z_]+[!?])")
_LITERAL = re.compile(r'^="([^"]*)"$')
_NEUTRALISED = re.compile(r"^'(?=[=+\-@])")
_ECHELON = re.compile(r"(I{1,3}|IV|V)[\s./\-]*([ab])?", re.I)
_EMAIL = re.compile(r"[^@\s<>(),;:\"\\]{1,64}@(?:[a-z\d](?:[a-z\d-]*[a-z\d])?\.)+[a-z]{2,24}", re.I)
# Unicode categories: control, format, surrogate, private use, unassigned.
_DITTO = re.compile(r"s[. ]*d[. ]*a\.?|idem|ditto|[-–\s]*(?:[\"“”″]|'{2}|,{2})[-–\s]*", re.I)
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_PHONE_CLUTTER = re.compile(r"[\s.\-–()'’]+")
KIND_NAMES: dict[Kind, str] = {
    "pns": "PNS",
    "pppk": "PPPK",
    "pppk_paruh_waktu": "PPPK Paruh Waktu",
    "non_asn": "Non-ASN",
}
_KIND_WORDS: dict[Kind, frozenset[str]] = {
    "pppk_paruh_waktu": vocabulary("paruh pw"),
    "non_asn": vocabulary("non bukan honorer thl tkk phl pjlp ptt gtt kontrak outsourcing alih"),
    "pppk": vocabulary("pppk p3k perjanjian"),
    "pns": vocabulary("pns cpns negeri"),
}
_ANY_KIND = vocabulary("asn").union(*_KIND_WORDS.values())
_BESIDE_KINDS = vocabulary(
    "pegawai tenaga sipil waktu penuh daerah data daftar nama dan pemerintah dengan kerja harian "
    "lepas daya"
)


class BadCell(Exception):
    """What is wrong with a cell and how to mend it."""


def computed(text: str) -> str:
    """The text as it was meant: no formula, no error value, no apostrophe put before = + - @."""
    seen = tidy(text)
    if not seen.startswith(("=", "'", "#")):
        return text
    text = _NEUTRALISED.sub("", _LITERAL.sub(r"\1", seen), count=1)
    if text.startswith("="):
        raise BadCell(
            "Sel ini berisi rumus tanpa hasil. Di Excel: pilih kolomnya, salin, lalu "
            "Tempel Khusus → Nilai (Paste Special → Values), dan simpan lagi."
        )
    if _ERROR.fullmatch(text):
        raise BadCell(f"Rumus di sel ini gagal ({text}). Ganti dengan isinya.")
    return text


def plain(text: str, *, longest: int) -> str:
    """One line of text that can be printed and stored, or empty."""
    text = filled(text)
    if len(text) > longest:
        raise BadCell(f"Terlalu panjang: {len(text)} huruf, paling banyak {longest}.")
    if _DITTO.fullmatch(text):
        raise BadCell(f"Tertulis “{text}”. Tulis isinya lengkap pada setiap baris.")
    if text.isascii() and text.isprintable():
        return text
    if bad := next((c for c in text if unicodedata.category(c) in _UNPRINTABLE), None):
        raise BadCell(
            f"Ada karakter yang tidak dapat dicetak (U+{ord(bad):04X}). Ketik ulang isinya."
        )
    if "\ufffd" in text:
        raise BadCell("Ada huruf yang rusak (�). Ketik ulang isinya.")
    return text


def worded(text: str, *, longest: int) -> str:
    """A plain text that is a name: a number alone is what Excel made of something else."""
    text = plain(text, longest=longest)
    if text and not any(character.isalpha() for character in text):
        raise BadCell(
            f"Isinya hanya angka ({text}), mungkin tanggal atau rumus. Ketik ulang sebagai teks."
        )
    return text


def full_name(before: str, name: str, after: str) -> str:
    """ "Dr. Ir. H." + "Budi" + "S.T., M.Si."; titles that stand in the name already stay once."""
    before, name, after = before.strip(" ,"), name.strip(" ,"), after.strip(" ,")
    if before and fold(name).startswith(f"{fold(before)} "):
        before = ""
    if after and fold(name).endswith(f" {fold(after)}"):
        after = ""
    return ", ".join(filter(None, (f"{before} {name}".strip(), after)))


def echelon(text: str) -> str:
    """ "II.b" in one form; nothing for "Non Eselon"."""
    text = re.sub(r"^eselon\s*", "", plain(text, longest=100), flags=re.I)
    if match := _ECHELON.fullmatch(text):
        return f"{match[1].upper()}.{match[2].lower()}" if match[2] else match[1].upper()
    if re.match(r"non\b", text, re.I):
        return ""
    if len(text) > LONGEST_ECHELON:
        raise BadCell(f"“{text}” bukan eselon; dibiarkan kosong.")
    return text


def email(text: str) -> str:
    text = filled(text).removeprefix("mailto:")
    if text and (len(text) > 254 or not _EMAIL.fullmatch(text)):
        raise BadCell("Alamat surel ini tidak lengkap atau salah tulis; dibiarkan kosong.")
    return text


def phone(text: str) -> str:
    """+62…, also of numbers whose leading 0 Excel dropped."""
    digits = _PHONE_CLUTTER.sub("", filled(text))
    national = re.fullmatch(r"(?:\+?62|0)?0?(8\d{7,11})|(?:\+?62|0)([2-79]\d{6,10})", digits)
    if national:
        return f"+62{national[1] or national[2]}"
    if digits and not re.fullmatch(r"\+[1-9]\d{7,14}", digits):
        raise BadCell("Nomor telepon ini salah tulis atau lebih dari satu; dibiarkan kosong.")
    return digits


def kind(text: str) -> Kind | None:
    """The kind of employment that a text speaks of; None if of none, or of several."""
    words = set(fold(text).split())
    if words & {"non", "bukan"}:
        return "non_asn"
    found: list[Kind] = [kind for kind, names in _KIND_WORDS.items() if names & words]
    if found == ["pppk_paruh_waktu", "pppk"]:
        return "pppk_paruh_waktu"
    return found[0] if len(found) == 1 else None


def speaks_of_kinds_only(text: str) -> bool:
    """Whether a group row or a sheet is called "PNS" or "Daftar PPPK": it names no unit then."""
    words = set(fold(text).split())
    return words <= _ANY_KIND | _BESIDE_KINDS and not words.isdisjoint(_ANY_KIND)
