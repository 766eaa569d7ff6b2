"""A pressed page is the page that WeasyPrint would have made of the same person."""

from __future__ import annotations

import io
import random
import re
from dataclasses import replace

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from pledges import marks
from pledges.documents import cutting, form, pact_form, press, pressing
from pledges.documents.cutting import Content, Form, LineSlot
from pledges.documents.pact_form import Act
from pledges.documents.seal import Sealer
from pledges.marks import Mark
from pledges.pact import Letterhead, Pact
from tests import cast, people
from tests.pdfs import (
    DRAWN,
    a_text,
    altered,
    an_act,
    in_order,
    page_count,
    pdfsig,
    places,
    words,
)
from tests.real_events import POINTS

LONG_POINTS = (*POINTS["BTG902"], *POINTS["BTG902"], *cast.POINTS)[:20]
TEXTS = (
    a_text(),
    a_text(points=LONG_POINTS, title="Pakta Integritas Netralitas Pegawai ASN dan Non-ASN"),
    a_text(closing="", legal_bases=(), opening=cast.OPENING.replace("{pemilihan}", "Pilkada")),
)
# Of all pixels of a page; and of those of a field of a third of an inch, which a letter fills.
MOST, FIELD, MOST_OF_FIELD = 0.001, 50, 0.02


def pressed(text: Pact, act: Act, mark: Mark, sealer: Sealer) -> bytes:
    before = press.counted["pressed"]
    pdf = press.press(text, act, mark, sealer=sealer)
    assert press.counted["pressed"] == before + 1, "it was laid out as a whole"
    return pdf


def laid_out(text: Pact, act: Act, mark: Mark, sealer: Sealer) -> bytes:
    filled = pact_form.page_of(text, act, mark, certificate=sealer.certificate, watermark="")
    return pact_form.lay_out(text, filled, identifier=act.verification_code, watermark="")


def pages(pdf: bytes) -> list[Image.Image]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=150 / 72).to_pil().convert("L") for page in document]


def differ(one: Image.Image, other: Image.Image) -> bool:
    """Whether more than a thousandth of two pages differs, or a fiftieth of a field of them."""
    difference = ImageChops.difference(one, other)
    if difference.getbbox() is None:
        return one.size != other.size
    difference = difference.point(lambda value: 255 if value else 0)
    if one.size != other.size or _share(difference) > MOST:
        return True
    width, height = one.size
    return any(
        _share(difference.crop((x, y, x + FIELD, y + FIELD))) > MOST_OF_FIELD
        for x in range(0, width, FIELD)
        for y in range(0, height, FIELD)
    )


def _share(difference: Image.Image) -> float:
    return difference.histogram()[255] / (difference.width * difference.height)


def is_the_same(one: bytes, other: bytes) -> bool:
    """The same words in the same order, and the same picture."""
    first, second = pages(one), pages(other)
    return (
        in_order(one) == in_order(other)
        and len(first) == len(second)
        and not any(differ(*pair) for pair in zip(first, second, strict=True))
    )


def validated(pdf: bytes, sealer: Sealer) -> PdfSignatureStatus:
    """What pyHanko says, which trusts the sealer's root."""
    [signature] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    chain = list(load_certs_from_pemder_data(sealer.certificate.chain.encode()))
    return validate_pdf_signature(signature, ValidationContext(trust_roots=chain[-1:]))


# Three hundred people; ninety of them whenever the suite is run.
@pytest.mark.parametrize(
    "seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(3, 10))]
)
def test_the_pressed_page_is_the_laid_out_page_of_thirty_random_people(seed, sealer):
    chance = random.Random(seed)

    for number in range(30):
        text, act = chance.choice(TEXTS), people.act(chance, number)
        mark = people.mark(chance, act.name)
        pdf = pressed(text, act, mark, sealer)
        assert is_the_same(pdf, laid_out(text, act, mark, sealer)), (seed, number, act, mark.kind)
        assert "Signature is Valid." in pdfsig(pdf)
        assert validated(pdf, sealer).bottom_line


@pytest.mark.parametrize("slot", ["row 0", "row 1", "serial", "place", "name", "url", "note"])
def test_a_slot_that_is_moved_by_two_pixels_is_not_the_same_page(slot, sealer, monkeypatch):
    cut = cutting.cut

    def moved(content: Content) -> Content:
        pieces = (
            replace(piece, x=piece.x + 2)
            if isinstance(piece, LineSlot) and piece.slot == slot
            else piece
            for piece in content.pieces
        )
        return replace(content, pieces=tuple(pieces))

    def cut_and_moved(pdf: bytes, slots: list[str]) -> Form:
        made = cut(pdf, slots)
        return replace(made, contents=tuple(map(moved, made.contents)))

    form._made.cache_clear()
    monkeypatch.setattr(cutting, "cut", cut_and_moved)
    pdf = pressed(a_text(), an_act(), DRAWN, sealer)
    form._made.cache_clear()

    assert not is_the_same(pdf, laid_out(a_text(), an_act(), DRAWN, sealer))


def test_one_other_letter_is_not_the_same_page(sealer):
    pdf = pressed(a_text(), an_act(name="Siti Aminan, S.Pd."), DRAWN, sealer)
    other = laid_out(a_text(), an_act(), DRAWN, sealer)

    assert not is_the_same(pdf, other)
    # The picture alone tells them apart too.
    assert any(differ(*pair) for pair in zip(pages(pdf), pages(other), strict=True))


def test_another_mark_or_another_address_is_not_the_same_page(sealer):
    pdf = pressed(a_text(), an_act(), DRAWN, sealer)
    mark = marks.drawn(cast.DRAWING.replace("M100 200", "M100 240"))

    assert differ(*pages(pdf), *pages(laid_out(a_text(), an_act(), mark, sealer)))
    other = an_act(verification_code="K7Q2XFABCDEFGHJL")
    assert differ(*pages(pdf), *pages(laid_out(a_text(), other, DRAWN, sealer)))


def test_long_texts_make_two_pages_with_their_numbers(sealer):
    pdf = pressed(TEXTS[1], an_act(), DRAWN, sealer)

    assert page_count(pdf) == 2
    assert "Halaman 1 dari 2" in words(pdf, page=1)
    assert "Halaman 2 dari 2" in words(pdf, page=2)


@pytest.mark.parametrize(
    "name",
    ["Łukasz Ǆ Ḍarma", "Siti Aminah Ñoño Ğ", "Øre-Ærø", "D’Arcy “Bima” Sa‘ad", "I Gusti & Co; #1"],
)
def test_letters_that_few_names_have_are_pressed_too(name, sealer):
    act = an_act(name=name)

    pdf = pressed(a_text(), act, DRAWN, sealer)

    assert is_the_same(pdf, laid_out(a_text(), act, DRAWN, sealer))
    assert name in words(pdf)


def test_a_long_typed_name_is_set_smaller_and_stays_in_its_place(sealer):
    name = "Raden Mas Haryo Suryadiningrat Kusumawardhana Natanegara Wirakusumah Kartadireja Sastra"
    sizes = []
    for typed in (name[:15], name[:36], name[:48], name):
        mark = marks.typed(typed)
        pdf = pressed(a_text(), an_act(), mark, sealer)
        assert is_the_same(pdf, laid_out(a_text(), an_act(), mark, sealer))
        assert typed in words(pdf)
        sizes.append(pact_form.page_of(
            a_text(), an_act(), mark, certificate=sealer.certificate, watermark=""
        ).typed_size)  # fmt: skip

    assert sizes[0] == 17
    assert sizes[-1] == 7
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 4


@pytest.mark.parametrize(
    "host", ["pakta.kotabandung.go.id", "pakta-integritas.bkpsdm.kabupatenlimapuluhkota.go.id"]
)
def test_an_address_that_is_wider_than_its_column_is_broken_as_weasyprint_breaks_it(
    host, sealer, settings
):
    settings.BASE_URL = f"https://{host}"

    for code in ("K7Q2XFABCDEFGHJK", "07Q2XFABCDEFGHJ1", "WWWWWWWWWWWWWWWW"):
        act = an_act(verification_code=code)
        pdf = pressed(a_text(), act, DRAWN, sealer)
        assert is_the_same(pdf, laid_out(a_text(), act, DRAWN, sealer))


# What cannot be pressed


@pytest.mark.parametrize("name", ["Σωκράτης Athens", "Пётр Santoso"])
@pytest.mark.parametrize("is_typed", [False, True])
def test_what_cannot_be_pressed_is_laid_out_as_a_whole_and_counted(name, is_typed, sealer):
    before = press.counted.copy()
    mark = marks.typed(name) if is_typed else DRAWN

    pdf = press.press(a_text(), an_act(name=name), mark, sealer=sealer)

    assert press.counted - before == {"laid out": 1}
    assert name in words(pdf)
    assert "Signature is Valid." in pdfsig(pdf)
    assert len(pages(pdf)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"points": ("Menjaga netralitas qz1x0zq.", "qz0x0zq")},
        {"points": ("Menjaga netralitas.", "qz0x\u200b0zq")},
        {"points": ("Menjaga netralitas.", "qz\u00ad0x0zq")},
        {"letterhead": Letterhead("Pemerintah qzffx0zq", "", "")},
    ],
    ids=["in its points", "behind a space without width", "behind a soft hyphen", "in a name"],
)
def test_a_text_that_has_a_marker_in_it_is_laid_out_as_a_whole(fields, sealer):
    before = press.counted.copy()

    pdf = press.press(a_text(**fields), an_act(), DRAWN, sealer=sealer)

    assert press.counted - before == {"laid out": 1}
    assert re.search("qz(0|1|ff)x0zq", words(pdf).replace("\u00ad", ""), re.IGNORECASE)


@pytest.mark.parametrize("length", [100, 150])
def test_a_word_that_is_wider_than_its_place_is_broken_and_neither_cut_off_nor_overlapping(
    length, sealer
):
    act = an_act(name="Abdul" + "wmi" * (length // 3), position="Kepala" + "m" * length)

    pdf = press.press(a_text(), act, DRAWN, sealer=sealer)

    assert is_the_same(pdf, laid_out(a_text(), act, DRAWN, sealer))
    assert act.name in words(pdf).replace(" ", "")
    right = max(x for x, _ in places(pdf, lambda colour: max(colour) < 90))
    assert right < 0.91


@pytest.mark.parametrize("officer", ["Ahmad Al‑Farisi, S.Sos.", "Ahmad\u00adFarisi " * 6])
def test_what_the_font_lacks_or_breaks_otherwise_is_left_to_weasyprint(officer, sealer):
    act = an_act(method="desk", method_detail=officer)
    before = press.counted.copy()

    pdf = press.press(a_text(), act, DRAWN, sealer=sealer)

    assert press.counted - before == {"laid out": 1}
    assert is_the_same(pdf, laid_out(a_text(), act, DRAWN, sealer))


def test_the_log_tells_why_a_page_was_laid_out_and_of_whom_nothing(sealer, caplog):
    caplog.set_level("INFO")

    press.press(a_text(), an_act(name="Пётр Santoso"), DRAWN, sealer=sealer)

    assert "K7Q2XF/00042 is laid out as a whole: letters that Pango has to set" in caplog.text
    assert "Santoso" not in caplog.text


def test_a_typed_mark_of_the_longest_kind_touches_nothing(sealer):
    typed = ("MUHAMMAD WIRAKUSUMAH " * 5)[:99]
    pdf = pressed(a_text(), an_act(), marks.typed(typed), sealer)
    blue = [y for _, y in places(pdf, lambda colour: colour[2] > colour[0] + 40)]

    assert is_the_same(pdf, laid_out(a_text(), an_act(), marks.typed(typed), sealer))
    assert max(blue) - min(blue) < 1.9 / 29.7


# The file


def test_the_seal_of_a_pressed_file_is_valid_for_pdfsig_and_pyhanko(sealer):
    pdf = pressed(a_text(), an_act(), DRAWN, sealer)
    status = validated(pdf, sealer)
    [signature] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures

    assert "Signature Validation: Signature is Valid." in pdfsig(pdf)
    assert "Total document signed" in pdfsig(pdf)
    assert (status.valid, status.intact, status.trusted, status.docmdp_ok) == (True,) * 4
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    assert signature.docmdp_level.name == "NO_CHANGES"


def test_pressed_and_laid_out_files_say_the_same_in_their_seals_and_their_data(sealer):
    act = an_act(name="Siti Nurhaliza – Ḍewi")
    one = pressed(a_text(), act, DRAWN, sealer)
    other = sealer.seal(laid_out(a_text(), act, DRAWN, sealer), place="Contoh", url=act.url)

    assert facts(one) == facts(other)
    assert facts(one)["Title"] == "Pakta Integritas Netralitas Pegawai ASN – Siti Nurhaliza – Ḍewi"
    assert facts(one)["alternatives"] == [
        f"Kode QR: {act.url}", "Tanda tangan Siti Nurhaliza – Ḍewi"
    ]  # fmt: skip
    assert facts(one)["language"] == "id"


def tags(item: object) -> object:
    """The kinds of the elements of a file's structure, as they hang together."""
    if isinstance(item, pikepdf.Array):
        return [found for each in item if (found := tags(each))]
    if isinstance(item, pikepdf.Dictionary) and "/S" in item:
        return (str(item.S), tags(item.get("/K", 0)))
    return None


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "Budi Santoso " * 8, "position": people.POSITIONS[5], "unit": people.UNITS[4]},
        {"is_late": True, "is_sent_later": True, "claimed_at": an_act().signed_at, "rank": ""},
    ],
    ids=["long", "late"],
)
def test_tags_and_links_are_those_of_the_laid_out_file_whatever_its_lines(fields, sealer, settings):
    settings.BASE_URL = "https://pakta-integritas.bkpsdm.kabupatenlimapuluhkota.go.id"
    for mark in (DRAWN, marks.typed("Budi Santoso " * 7)):
        act = an_act(**fields)
        one = pressed(a_text(), act, mark, sealer)
        other = sealer.seal(laid_out(a_text(), act, mark, sealer), place="Contoh", url=act.url)

        assert facts(one) == facts(other)
        assert is_the_same(one, other)


def facts(pdf: bytes) -> dict[str, object]:
    """What a file says of itself beside its pages."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        seal = next(field.V for field in document.Root.AcroForm.Fields)
        with document.open_metadata() as metadata:
            said = {key: metadata.get(key) for key in ("dc:title", "dc:description", "pdfaid:part")}
        alternatives = [
            str(item.Alt)
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"
        ]
        return said | {
            "Title": str(document.docinfo["/Title"]),
            "Subject": str(document.docinfo["/Subject"]),
            "id": bytes(document.trailer.ID[0]),
            "language": str(document.Root.Lang),
            "links": [
                (str(note.A.URI), [round(float(side), 3) for side in note.Rect])
                for note in document.pages[0].Annots
                if "/A" in note
            ],
            "tags": tags(document.Root.StructTreeRoot.K),
            "alternatives": sorted(alternatives),
            **{
                key: str(seal[key])
                for key in ("/Reason", "/Location", "/ContactInfo", "/SubFilter")
            },
        }


def test_the_form_is_the_same_whenever_it_is_made(sealer):
    made = []
    for _ in range(2):
        form._made.cache_clear()
        pressed(a_text(), an_act(), DRAWN, sealer)
        settings = form.measure(a_text(), sealer=sealer, watermark="")
        filled = pact_form.page_of(
            a_text(), an_act(), DRAWN, certificate=sealer.certificate, watermark=""
        )
        shape = pressing.shape(filled, settings)
        made.append(form.make(a_text(), shape, sealer=sealer, watermark=""))

    assert made[0] is not made[1]
    assert made[0].digest == made[1].digest


def test_people_of_one_shape_share_a_form_and_a_longer_name_has_another(sealer):
    pressed(a_text(), an_act(), DRAWN, sealer)
    before = form._made.cache_info().misses

    pressed(a_text(), an_act(name="Budi Santoso", identifier=cast.BUDI), DRAWN, sealer)
    assert form._made.cache_info().misses == before

    pressed(a_text(), an_act(name="Budi Santoso " * 8), DRAWN, sealer)
    assert form._made.cache_info().misses == before + 1


def test_no_document_carries_anything_of_the_people_pressed_before_or_of_the_specimen(sealer):
    chance = random.Random(7)
    acts = [
        replace(people.act(chance, n), name=f"{name}, S.Pd.", rank="Penata", grade="III/c")
        for n, name in enumerate(("Bambangsatu", "Citradua", "Dianatiga", "Ekaempat", "Farahlima"))
    ]
    files = [pressed(a_text(), act, people.mark(chance, act.name), sealer) for act in acts]

    for act, file in zip(acts, files, strict=True):
        decoded = everything_in(file)
        assert act.name.split(",")[0] in decoded
        for other in acts:
            if other is not act:
                for secret in (other.name.split(",")[0], other.identifier, other.verification_code):
                    assert secret not in decoded
        assert not cutting.MARKER.search(decoded)


def everything_in(pdf: bytes) -> str:
    """Every object and every decoded stream of a file, and the text of its pages."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        found = [pdf.decode("latin-1"), words(pdf), str(document.docinfo)]
        for item in document.objects:
            found.append(item.unparse(resolved=True).decode("latin-1"))
            found += strings_in(item)
            if isinstance(item, pikepdf.Stream):
                data = item.read_bytes()
                found += [data.decode("latin-1"), data.decode("utf-8", "replace"), shown_in(data)]
    return "\n".join(found)


def strings_in(item: object) -> list[str]:
    if isinstance(item, pikepdf.String):
        return [str(item)]
    if isinstance(item, pikepdf.Dictionary):
        return [
            found for _, value in item.items() if not _is_far(value) for found in strings_in(value)
        ]
    if isinstance(item, pikepdf.Array):
        return [found for value in item if not _is_far(value) for found in strings_in(value)]
    return []


def _is_far(value: object) -> bool:
    return isinstance(value, pikepdf.Object) and value.is_indirect


def shown_in(data: bytes) -> str:
    """The text that a content stream shows, by the numbers of the document font's glyphs."""
    letters = cutting.letters("regular")
    numbers = (
        int(group[at : at + 4], 16)
        for group in re.findall(rb"<([0-9a-f]{4,})>", data)
        for at in range(0, len(group) - 3, 4)
    )
    return "".join(letters.get(number, "?") for number in numbers)


def test_a_document_weighs_no_more_than_thirty_five_kilobytes(sealer):
    chance = random.Random(11)
    sizes = [
        len(pressed(TEXTS[0], act, people.mark(chance, act.name), sealer))
        for act in (people.act(chance, n) for n in range(20))
        if act.name.isascii()
    ]

    assert len(sizes) > 5
    assert max(sizes) <= 35_000


def test_one_changed_byte_anywhere_under_the_seal_is_noticed_by_pdfsig(sealer):
    pdf = pressed(a_text(), an_act(), DRAWN, sealer)
    begins = re.search(rb"/Contents <", pdf)
    hole = begins.end() - 1, pdf.index(b">", begins.end()) + 1
    chance = random.Random(5)
    positions = [at for at in chance.sample(range(len(pdf)), 240) if not hole[0] <= at < hole[1]]

    assert len(positions) >= 200
    for at in positions:
        assert "Signature is Valid." not in pdfsig(altered(pdf, at)), at
