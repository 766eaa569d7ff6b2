"""A file that somebody uploaded → a workbook. What it is, its content says, never its name."""

from __future__ import annotations

import re
from typing import BinaryIO

from pledges.roster.delimited import decode, read_csv
from pledges.roster.sheets import SAVE_AS_XLSX, RosterFileError, Workbook
from pledges.roster.xls import read_xls
from pledges.roster.xlsx import read_xlsx

MAX_BYTES = 15 * 2**20

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WEB_PAGE = re.compile(
    r"\s*(<!doctype html|<html|<head|<meta|<style|<body|<div|<table|mime-version:)", re.IGNORECASE
)
_XML = re.compile(r"\s*<\?xml")
_PDF_ADVICE = (
    "Ini berkas PDF; tabel di dalamnya tidak dapat dibaca dengan pasti. "
    "Minta berkas Excel aslinya, atau ekspor lagi dari SIMPEG/SIASN sebagai Excel (.xlsx)."
)


def read_workbook(file: BinaryIO) -> Workbook:
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise RosterFileError(
            f"Berkas ini lebih besar dari {MAX_BYTES >> 20} MB. Hapus gambar dan lembar yang tidak "
            "perlu, atau bagi menjadi beberapa berkas."
        )
    workbook = _read(data)
    if not any(sheet.lines for sheet in workbook.sheets):
        raise RosterFileError("Berkas ini kosong: tidak ada satu pun sel yang berisi.")
    return workbook


def _read(data: bytes) -> Workbook:
    if data.startswith(b"PK"):
        return read_xlsx(data)
    if data.startswith(_OLE):
        return read_xls(data)
    if data.startswith(b"%PDF"):
        raise RosterFileError(_PDF_ADVICE)
    text = decode(data)
    if _WEB_PAGE.match(text):
        raise RosterFileError(
            f"Berkas ini halaman web (HTML) yang diberi nama Excel. {SAVE_AS_XLSX}"
        )
    if _XML.match(text):
        raise RosterFileError(f"Berkas ini XML, bukan buku kerja Excel. {SAVE_AS_XLSX}")
    return read_csv(text)
