"""The page of the joint declaration, as it is printed."""

from __future__ import annotations

import dataclasses
import datetime
import io
import re
import subprocess

import pikepdf
import pytest

from pledges import declaration, identity, marks
from pledges.documents import declaration_form, press
from pledges.documents.declaration_form import Declared, Named, Place, Signing
from pledges.models import Part
from pledges.pact import Pact
from tests import cast
from tests.pdfs import (
    AGENCY_SEAL,
    DEVELOPMENT_SEAL,
    DRAWN,
    a_text,
    agency_sealer,
    an_act,
    in_order,
    page_count,
    places,
    some_facts,
    words,
)

FIRST = datetime.datetime(2024, 7, 29, 1, 15, 32, tzinfo=datetime.UTC)
LONG = "Kepala Subbagian Perencanaan, Evaluasi, dan Pelaporan pada Sekretariat Dinas Pekerjaan Umum"


def an_ikrar(**fields: object) -> Pact:
    values = {
        "kind": "declaration",
        "title": "Ikrar Netralitas Pegawai ASN",
        "opening": "Dalam rangka menyukseskan Pilkada Serentak Tahun 2024 kami berikrar:",
        "closing": "Demikian ikrar ini kami buat.",
        "points": cast.IKRAR,
    }
    return a_text(**values | fields)


class Ceremony:
    """Places in order, and the signatures in those that are not blank."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.signings: dict[str, Signing] = {}

    def add(
        self, part: Part, name: str, *, capacity="", position="", signs=True, mark=DRAWN, **act
    ) -> Ceremony:
        number = len(self.places)
        code = f"CODE0000000000{number:02}"
        named = Named(code, "", "", FIRST + datetime.timedelta(seconds=40 * number))
        if signs:
            self.signings[code] = Signing(an_act(name=name, **act), mark)
        self.places.append(Place(part, capacity, name, position, named if signs else None))
        return self

    def declared(self, **fields: object) -> Declared:
        values = {
            "event_code": "K7Q2XF",
            "places": tuple(self.places),
            "completed_at": FIRST + datetime.timedelta(hours=1),
            "is_closed_early": False,
            "verification_code": "K7Q2XFABCDEFGHJK",
            "pact_digest": "",
        }
        return Declared(**values | fields)  # type: ignore[arg-type]


def the_four() -> Ceremony:
    return (
        Ceremony()
        .add(Part.PRESIDING, "Contoh Pimpinan, M.Si.", position="Pj. Wali Kota Contoh")
        .add(Part.REPRESENTATIVE, "Contoh Camat", capacity="Ketua Paguyuban Camat",
             position="Camat Contoh Utara")
        .add(Part.REPRESENTATIVE, "Contoh Lurah", capacity="Ketua Paguyuban Lurah")
        .add(Part.WITNESS, "Contoh Saksi", capacity="Ketua KPU Kota Contoh")
    )  # fmt: skip


def many(count: int, **fields) -> Ceremony:
    """One who presides, representatives, and five witnesses where there are so many."""
    ceremony = Ceremony().add(Part.PRESIDING, "Nama Pimpinan", position="Wali Kota")
    for number in range(1, count):
        part = Part.WITNESS if count > 10 and number >= count - 5 else Part.REPRESENTATIVE
        capacity = LONG if number % 7 == 3 else f"Ketua Paguyuban Nomor{number}"
        ceremony.add(part, f"Orang Nomor{number}, S.E.", capacity=capacity, position="Camat")
    return ceremony


def lay_out(ceremony=None, text=None, *, certificate=AGENCY_SEAL, watermark="", **fields) -> bytes:
    ceremony = ceremony or the_four()
    return declaration_form.lay_out(
        text or an_ikrar(),
        ceremony.declared(**fields),
        ceremony.signings,
        certificate=certificate,
        watermark=watermark,
    )


def test_letterhead_title_and_ikrar_stand_in_order():
    text = words(lay_out())

    expected = [
        "PEMERINTAH KOTA CONTOH Jalan Merdeka Nomor 1",
        "IKRAR NETRALITAS PEGAWAI ASN",
        "Apel dan Penandatanganan Pakta Integritas Netralitas ASN",
        "Plaza Balai Kota, 29 Juli 2024",
        "Dalam rangka menyukseskan Pilkada Serentak Tahun 2024 kami berikrar:",
        *(f"{number}. {point}" for number, point in enumerate(cast.IKRAR, start=1)),
        "Demikian ikrar ini kami buat.",
        "Dasar hukum:",
        "Contoh, 29 Juli 2024",
    ]
    found = [text.index(part) for part in expected]
    assert found == sorted(found)


def test_the_places_stand_in_order_each_with_capacity_name_and_office():
    text = in_order(lay_out())

    expected = [
        "Contoh, 29 Juli 2024",
        "Pj. Wali Kota Contoh, Contoh Pimpinan, M.Si.",
        "Perwakilan",
        "Ketua Paguyuban Camat,",
        "Contoh Camat",
        "Camat Contoh Utara",
        "Ketua Paguyuban Lurah,",
        "Contoh Lurah",
        "Saksi",
        "Ketua KPU Kota Contoh, Contoh Saksi",
        "http://localhost:8000/v/K7Q2XFABCDEFGHJK",
    ]
    found = [text.index(part) for part in expected]
    assert found == sorted(found)


def test_several_witnesses_stand_under_saksi_saksi():
    assert "Saksi-saksi" not in words(lay_out())
    assert "Saksi-saksi" in words(lay_out(the_four().add(Part.WITNESS, "Saksi Kedua")))


def test_no_nip_is_on_the_declaration():
    text = words(lay_out())

    assert "NIP" not in text
    assert cast.SITI not in text


def test_blank_places_are_named_and_said_to_be_blank():
    ceremony = the_four().add(
        Part.WITNESS, "Saksi Kedua", capacity="Ketua Bawaslu Kota Contoh", signs=False
    )

    text = in_order(lay_out(ceremony, is_closed_early=True))

    assert "Ketua Bawaslu Kota Contoh, (tidak menandatangani) Saksi Kedua" in text
    assert text.count("(tidak menandatangani)") == 1
    assert "Ditandatangani secara elektronik oleh 4 dari 5 orang" in text
    assert (
        "Ditutup oleh admin sebelum semua menandatangani, pada 29 Juli 2024 pukul 09.15.32 WIB."
    ) in text


def test_one_that_all_signed_was_not_closed_by_anybody():
    text = words(lay_out())

    assert (
        "Ditandatangani secara elektronik oleh 4 orang, antara 29 Juli 2024 pukul 08.15.32" in text
    )
    assert "Ditutup oleh admin" not in text
    assert "tidak menandatangani" not in text


# An hour before midnight in the west it is the next day in the east.
@pytest.mark.parametrize(
    ("zone", "date"),
    [("Asia/Jakarta", "Contoh, 29 Juli 2024"), ("Asia/Jayapura", "Contoh, 30 Juli 2024")],
)
def test_place_and_date_are_the_servers_day_of_completion_in_the_agencys_zone(zone, date):
    moment = datetime.datetime(2024, 7, 29, 16, 30, tzinfo=datetime.UTC)
    text = an_ikrar(event=some_facts(timezone=zone, date="2024-07-01"))

    assert f"{date} Pj. Wali Kota Contoh" in words(lay_out(text=text, completed_at=moment))


def test_each_way_to_prove_who_one_is_is_named_once_with_all_who_vouch():
    ceremony = (
        Ceremony()
        .add(Part.PRESIDING, "A", method=identity.DESK, method_detail="Petugas Satu")
        .add(Part.REPRESENTATIVE, "B", method=identity.PERSONAL_LINK, method_detail="Petugas Dua")
        .add(Part.REPRESENTATIVE, "C", method=identity.PERSONAL_LINK)
        .add(Part.REPRESENTATIVE, "D", method=identity.PERSONAL_CODE, method_detail="Petugas Dua")
        .add(Part.REPRESENTATIVE, "E", method=identity.EMAIL_CODE, method_detail="e•••@x.example")
        .add(Part.REPRESENTATIVE, "F", method=identity.LOGIN, method_detail="Login Contoh")
    )

    assert (
        "Cara membuktikan diri: 1 orang di meja petugas (identitasnya diperiksa oleh Petugas "
        "Satu); 2 orang melalui tautan pribadi (dibagikan Petugas Dua, instansi); 1 orang dengan "
        "kode pribadi (dibagikan Petugas Dua); 1 orang dengan kode sekali pakai lewat surel; "
        "1 orang melalui login (oleh Login Contoh)."
    ) in words(lay_out(ceremony))


def test_late_and_sent_later_are_told_under_the_name():
    ceremony = the_four().add(Part.WITNESS, "Saksi Kedua", is_late=True, is_sent_later=True)

    text = words(lay_out(ceremony))

    assert "Saksi Kedua ditandatangani setelah batas waktu dikirim menyusul" in text
    assert text.count("dikirim menyusul") == 1


def test_a_mark_is_drawn_as_lines_or_set_as_the_name_that_was_typed():
    drawn = lay_out(Ceremony().add(Part.PRESIDING, "Contoh Pimpinan"))
    typed = lay_out(
        Ceremony().add(Part.PRESIDING, "Contoh Pimpinan", mark=marks.typed("C. Pimpinan"))
    )

    def blue(pdf: bytes) -> int:
        return len(places(pdf, lambda colour: colour[2] > colour[0] + 40))

    assert blue(drawn) > 100
    assert "C. Pimpinan Contoh Pimpinan" in words(typed)


@pytest.mark.parametrize(("count", "pages"), [(1, 1), (2, 1), (8, 2), (9, 2), (30, 4)])
def test_no_place_is_broken_between_two_pages(count, pages):
    pdf = lay_out(many(count))

    assert page_count(pdf) == pages
    by_page = [words(pdf, page=number) for number in range(1, pages + 1)]
    for number in range(1, count):
        capacity = LONG if number % 7 == 3 else f"Ketua Paguyuban Nomor{number},"
        last_word = capacity.rpartition(" ")[2]
        [home] = [page for page in by_page if f"Orang Nomor{number}, S.E." in page]
        assert last_word in home
    if pages > 1:
        assert f"Halaman 1 dari {pages}" in by_page[0]


@pytest.mark.parametrize("points", range(3, 15))
def test_the_text_ends_on_a_page_with_the_date_and_the_first_place(points):
    pdf = lay_out(text=an_ikrar(points=(cast.POINTS[1],) * points))

    [home] = [n for n in range(1, page_count(pdf) + 1)
              if "Contoh Pimpinan, M.Si." in words(pdf, page=n)]  # fmt: skip
    assert "Contoh, 29 Juli 2024" in words(pdf, page=home)
    assert "Demikian ikrar ini kami buat." in words(pdf, page=home)


def test_a_heading_is_never_the_last_line_of_a_page():
    for count in range(11, 21):
        pdf = lay_out(many(count))
        for number in range(1, page_count(pdf) + 1):
            text = words(pdf, page=number)
            assert not re.search(r"(Perwakilan|Saksi-saksi) Ditandatangani secara", text)


def test_the_seal_is_called_what_it_is():
    assert "Disegel dengan segel digital instansi (tidak tersertifikasi)." in words(lay_out())
    assert "segel pengembangan, bukan segel instansi" in words(
        lay_out(certificate=DEVELOPMENT_SEAL)
    )


def test_nothing_claims_more_than_the_law_gives():
    text = words(lay_out()).lower()

    assert "tanda tangan elektronik tidak tersertifikasi." in text
    for claim in ("sah secara hukum", "tanda tangan basah", "bsre", "segel elektronik"):
        assert claim not in text


def test_a_long_typed_mark_is_set_smaller_and_touches_no_name():
    typed = (
        "Raden Mas Haryo Suryadiningrat Kusumawardhana Natanegara Wirakusumah Kartadireja Sastra"
    )
    pdf = lay_out(Ceremony().add(Part.REPRESENTATIVE, "Contoh Wakil", mark=marks.typed(typed)))

    words_at = [
        (float(y), word)
        for y, word in re.findall(r'yMin="([\d.]+)"[^>]*>([^<]+)</word>', boxes(pdf))
    ]
    mark = [y for y, word in words_at if word in typed.split()]
    [name] = [y for y, word in words_at if word == "Wakil"]
    assert typed in words(pdf)
    assert max(mark) + 9 < name


def boxes(pdf: bytes) -> str:
    command = ["pdftotext", "-bbox", "-", "-"]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()


def test_the_digest_of_the_ikrar_is_printed_whole():
    assert f"SHA-256 lengkap: {an_ikrar().digest}" in words(lay_out())


def test_a_declaration_of_an_example_event_says_so_on_every_page():
    ceremony = many(12)
    text = an_ikrar(event=some_facts(is_example=True))
    pdf = press.press_declaration(
        text, ceremony.declared(), ceremony.signings, sealer=agency_sealer()
    )

    for number in range(1, page_count(pdf) + 1):
        assert "CONTOH – BUKAN DOKUMEN RESMI" in words(pdf, page=number)
        assert places(pdf, lambda colour: colour[0] > colour[1] + 20, page=number)


def test_names_and_capacities_with_html_in_them_are_printed_as_they_stand():
    ceremony = Ceremony().add(
        Part.PRESIDING, "<b>Contoh</b> & {{ 7 }}", capacity="<script>1</script>"
    )

    text = words(lay_out(ceremony))

    assert "<b>Contoh</b> & {{ 7 }}" in text
    assert "<script>1</script>," in text


def test_the_file_is_tagged_pdf_a_3b_with_alternative_texts():
    with pikepdf.open(io.BytesIO(lay_out())) as document:
        metadata = document.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "B")
        assert document.Root.Lang == "id"
        assert document.Root.MarkInfo.Marked
        kinds = [
            (str(each.S), str(each.get("/Alt", "")))
            for each in document.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/StructElem"
        ]
    assert {alt for kind, alt in kinds if kind == "/Figure"} == {
        "Kode QR: http://localhost:8000/v/K7Q2XFABCDEFGHJK",
        "Tanda tangan Contoh Pimpinan, M.Si.",
        "Tanda tangan Contoh Camat",
        "Tanda tangan Contoh Lurah",
        "Tanda tangan Contoh Saksi",
    }


def test_the_preview_is_the_page_itself_with_example_people():
    text = words(press.preview(an_ikrar()))

    assert all(point in text for point in cast.IKRAR)
    assert "Nama Pimpinan Acara, M.Si." in text
    assert "Nama Saksi" in text
    assert "PRATINJAU Pratinjau: belum ditandatangani dan belum disegel." in text
    assert "Cara membuktikan diri" not in text
    assert "http://localhost:8000/v/" not in text


def test_what_a_declaration_says_stands_in_its_statement(city):
    event = cast.make_open_ceremony(city)
    given = cast.sign(cast.someone(event, cast.SITI))
    on_declaration = given.signatory.signatures.get(pact__kind="declaration")
    completed = declaration.close(event, by=None)

    declared = Declared.of(completed.statement)

    assert dataclasses.replace(declared, places=declared.places[:2]) == Declared(
        event_code=event.code,
        places=(
            Place("presiding", "", "Dr. Dewi Lestari, S.Pd., M.Pd.", "Kepala Dinas", None),
            Place(
                "representative",
                "Perwakilan Kepala Sekolah SD",
                "Siti Aminah, S.Pd.",
                "Guru Kelas",
                declared.named[0],
            ),
        ),
        completed_at=completed.completed_at,
        is_closed_early=True,
        verification_code=completed.verification_code,
        pact_digest=completed.pact.digest,
    )
    assert declared.named[0].verification_code == on_declaration.verification_code
    assert declared.named[0].signed_at == on_declaration.signed_at
