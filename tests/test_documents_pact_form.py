import datetime
import io
import re
import subprocess

import pikepdf
import pytest
import zxingcpp
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from pledges import identity, marks
from pledges.documents import preview
from pledges.documents.pact_form import Act
from pledges.models import Part
from pledges.pact import Letterhead
from tests import cast
from tests.pdfs import (
    AGENCY_SEAL,
    DEVELOPMENT_SEAL,
    DRAWN,
    a_text,
    an_act,
    laid_out,
    lines,
    page_count,
    places,
    some_facts,
    words,
)
from tests.real_events import POINTS

NINE = tuple(POINTS["BTG902"])
JOINT_DECREE = (
    "Keputusan Bersama Menteri Pendayagunaan Aparatur Negara dan Reformasi Birokrasi Nomor 2 "
    "Tahun 2022, Menteri Dalam Negeri Nomor 800-5474 Tahun 2022, Kepala Badan Kepegawaian Negara "
    "Nomor 246 Tahun 2022, Ketua Komisi Aparatur Sipil Negara Nomor 30 Tahun 2022, dan Ketua "
    "Badan Pengawas Pemilihan Umum Nomor 1447.1/PM.01/K.1/09/2022 tentang Pedoman Pembinaan dan "
    "Pengawasan Netralitas Pegawai Aparatur Sipil Negara dalam Penyelenggaraan Pemilihan Umum "
    "dan Pemilihan."
)
LONG_NAME = (
    "Dr. Ir. H. Muhammad Abdurrahman Wirakusumah Natanegara Kartadireja Sastrawinata, S.T., "
    "S.H., M.Si., M.M., Ph.D."
)
LONG_POSITION = (
    "Kepala Subbagian Perencanaan, Evaluasi, dan Pelaporan pada Sekretariat Dinas Pekerjaan Umum, "
    "Penataan Ruang, Perumahan Rakyat, dan Kawasan Permukiman"
)


def test_the_page_has_letterhead_title_identity_points_closing_and_signature_in_this_order():
    text = lines(laid_out())

    expected = [
        "PEMERINTAH KOTA CONTOH",
        "Jalan Merdeka Nomor 1",
        "PAKTA INTEGRITAS NETRALITAS PEGAWAI ASN",
        "Apel dan Penandatanganan Pakta Integritas Netralitas ASN",
        "Plaza Balai Kota, 29 Juli 2024",
        "Nomor internal: K7Q2XF/00042",
        "Saya yang bertanda tangan di bawah ini:",
        "Nama : Siti Aminah, S.Pd.",
        "NIP : 198001012005012001",
        "Pangkat/Golongan : Penata, III/c",
        "Jabatan : Guru Kelas",
        "Unit Kerja : SDN 1 Contoh, Dinas Pendidikan",
        "dalam rangka Pilkada Serentak Tahun 2024, dengan ini menyatakan:",
        *(f"{number}. {point}" for number, point in enumerate(cast.POINTS, start=1)),
        cast.CLOSING,
        "Dasar hukum: 1. Undang-Undang Nomor 20 Tahun 2023 tentang Aparatur Sipil Negara",
    ]
    places = [text.index(part) for part in expected]
    assert places == sorted(places)
    block = text[places[-1] :]
    assert "Contoh, 30 Juli 2024" in block
    assert "Guru Kelas," in block
    assert "Siti Aminah, S.Pd." in block
    assert "NIP 198001012005012001" in block


def test_a_text_without_a_place_for_the_identity_has_it_after_the_opening():
    text = lines(laid_out(a_text(opening="Saya menyatakan dengan sesungguhnya:")))

    opening = text.index("Saya menyatakan dengan sesungguhnya:")
    assert opening < text.index("Nama : Siti Aminah") < text.index("1. Menjaga")


def test_rows_with_nothing_in_them_are_left_out():
    text = words(laid_out(act=an_act(rank="", grade="", position="")))

    assert "Pangkat" not in text
    assert "Golongan" not in text
    assert "Jabatan" not in text
    assert "Yang menyatakan," in text


def test_a_grade_without_a_rank_is_called_a_grade():
    assert "Golongan : IX" in lines(laid_out(act=an_act(rank="", grade="IX")))


# An hour before midnight in the west it is the next day in the east.
@pytest.mark.parametrize(
    ("zone", "date", "time"),
    [
        ("Asia/Jakarta", "Contoh, 29 Juli 2024", "29 Juli 2024 pukul 23.30.00 WIB"),
        ("Asia/Makassar", "Contoh, 30 Juli 2024", "30 Juli 2024 pukul 00.30.00 WITA"),
        ("Asia/Jayapura", "Contoh, 30 Juli 2024", "30 Juli 2024 pukul 01.30.00 WIT"),
    ],
)
def test_the_date_is_the_day_of_signing_in_the_agencys_own_zone(zone, date, time):
    act = an_act(signed_at=datetime.datetime(2024, 7, 29, 16, 30, tzinfo=datetime.UTC))

    text = words(laid_out(a_text(event=some_facts(timezone=zone, date="2024-07-01")), act))

    assert f"{date} " in text
    assert time in text


def test_a_name_with_html_in_it_is_printed_as_it_stands():
    name = "<b>Siti</b> & <img src=x> {{ 7 }} Aminah"

    pdf = laid_out(act=an_act(name=name, position="<script>1</script>"), mark=marks.typed(name))

    assert words(pdf).count(name) >= 3
    assert "<script>1</script>" in words(pdf)


def test_a_text_with_html_in_it_is_printed_as_it_stands():
    text = words(laid_out(a_text(points=("Menolak <i>uang</i> & janji.",), closing="<hr>")))

    assert "1. Menolak <i>uang</i> & janji. <hr>" in text


def smallest_type(pdf: bytes, part: str) -> float:
    """The size in points of the smallest type that the words of `part` are set in."""
    boxes = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True)
    found = re.findall(
        r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">([^<]+)</word>', boxes.stdout.decode()
    )
    # Ascent and descent of Liberation Sans are 1.117 times its size.
    return min((float(low) - float(high)) / 1.117 for high, low, word in found if word in part)


@pytest.mark.parametrize("bases", [cast.LEGAL_BASES, (JOINT_DECREE,)], ids=["laws", "decree"])
def test_nine_points_fit_one_page_at_eleven_points(bases):
    pdf = laid_out(a_text(points=NINE, legal_bases=bases))

    assert page_count(pdf) == 1
    assert smallest_type(pdf, "prinsip kampanye intimidasi profesional") > 10.99
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert [round(float(side)) for side in document.pages[0].MediaBox] == [0, 0, 595, 842]


def twenty_points():
    return tuple(f"Butir ke-{n}: {cast.POINTS[n % 4]}" for n in range(1, 21))


def test_twenty_points_continue_on_a_second_page():
    pdf = laid_out(a_text(points=twenty_points()))

    assert page_count(pdf) == 2
    assert "Halaman 1 dari 2" in words(pdf, page=1)
    assert "Halaman 2 dari 2" in words(pdf, page=2)


@pytest.mark.parametrize("count", [7, 9, 11, 12, 13, 14, 20])
def test_closing_date_and_signature_stay_together_with_at_least_one_point(count):
    points = twenty_points()[:count]
    pdf = laid_out(a_text(points=points), an_act(name=LONG_NAME))

    last = words(pdf, page=page_count(pdf))
    for part in (points[-1], cast.CLOSING, "Contoh, 30 Juli 2024", "NIP 198001012005012001"):
        assert part in last


def test_no_point_is_broken_between_two_pages():
    points = twenty_points()
    pdf = laid_out(a_text(points=points))

    pages = [words(pdf, page=number) for number in (1, 2)]

    assert [sum(point in page for page in pages) for point in points] == [1] * 20


def test_a_single_page_has_no_page_number():
    assert "Halaman" not in words(laid_out())


def test_long_names_positions_and_units_are_wrapped_and_never_cut_off():
    unit = ("Dinas Pekerjaan Umum, Penataan Ruang, Perumahan Rakyat, dan Kawasan Permukiman",) * 3
    pdf = laid_out(act=an_act(name=LONG_NAME, position=LONG_POSITION, unit=unit))

    text = lines(pdf)
    assert f"Nama : {LONG_NAME}" in text
    assert f"Jabatan : {LONG_POSITION}" in text
    assert f"Unit Kerja : {', '.join(unit)}" in text


def test_the_footer_says_by_what_way_and_when_it_was_signed():
    assert (
        "Ditandatangani secara elektronik oleh Siti Aminah, S.Pd. melalui tautan pribadi yang "
        "dibagikan instansi, pada 30 Juli 2024 pukul 08.15.32 WIB (tanda tangan digambar). "
        "Tanda tangan elektronik tidak tersertifikasi."
    ) in words(laid_out())


def test_the_footer_tells_a_personal_code_and_a_typed_name():
    pdf = laid_out(act=an_act(method=identity.PERSONAL_CODE), mark=marks.typed("Siti Aminah"))

    assert "dengan NIP dan kode pribadi yang dibagikan instansi" in words(pdf)
    assert "(nama diketik)" in words(pdf)


@pytest.mark.parametrize(
    ("method", "detail", "told"),
    [
        (
            identity.PERSONAL_LINK, "",
            "oleh Siti Aminah, S.Pd. melalui tautan pribadi yang dibagikan instansi, pada 30 Juli",
        ),
        (
            identity.PERSONAL_LINK, "Contoh Petugas, S.E.",
            "melalui tautan pribadi yang dibagikan oleh Contoh Petugas, S.E., pada 30 Juli",
        ),
        (
            identity.PERSONAL_CODE, "Contoh Petugas",
            "dengan NIP dan kode pribadi yang dibagikan oleh Contoh Petugas, pada 30 Juli",
        ),
        (
            identity.EMAIL_CODE, "s•••@contoh.example",
            "dengan kode sekali pakai yang dikirim ke surel s•••@contoh.example, pada 30 Juli",
        ),
        (
            identity.LOGIN, "Masuk Kota Contoh",
            "melalui login Masuk Kota Contoh, pada 30 Juli",
        ),
        (
            identity.DESK, "Contoh Petugas",
            "yang identitasnya diperiksa oleh petugas Contoh Petugas di meja petugas, pada 30 Juli",
        ),
    ],
)  # fmt: skip
def test_each_way_to_prove_who_one_is_is_named_on_the_page(method, detail, told):
    assert told in words(laid_out(act=an_act(method=method, method_detail=detail)))


def test_a_signature_that_was_sent_later_says_so_and_whose_clock_says_when():
    claimed = datetime.datetime(2024, 7, 29, 16, 50, 0, tzinfo=datetime.UTC)
    text = words(laid_out(act=an_act(is_sent_later=True, claimed_at=claimed)))

    assert "Contoh, 30 Juli 2024 dikirim menyusul Guru Kelas" in text
    assert "dikirim menyusul dan diterima server pada 30 Juli 2024 pukul 08.15.32 WIB" in text
    assert (
        "Menurut jam perangkatnya sendiri, yang tidak diperiksa, ditandatangani 29 Juli 2024 "
        "pukul 23.50.00 WIB."
    ) in text


def test_a_device_that_tells_no_time_is_not_quoted():
    text = words(laid_out(act=an_act(is_sent_later=True)))

    assert "dikirim menyusul" in text
    assert "jam perangkat" not in text


def test_the_clock_of_a_device_that_sent_at_once_is_not_on_the_page():
    claimed = datetime.datetime(2024, 7, 29, 16, 50, 0, tzinfo=datetime.UTC)

    assert "jam perangkat" not in words(laid_out(act=an_act(claimed_at=claimed)))


def boxes(pdf: bytes, page: int) -> list[tuple[str, float, float]]:
    """Every word of a page with its top and bottom, in points from above."""
    command = ["pdftotext", "-bbox", "-f", str(page), "-l", str(page), "-", "-"]
    found = subprocess.run(command, input=pdf, capture_output=True)
    pattern = r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">([^<]+)</word>'
    return [
        (word, float(top), float(bottom))
        for top, bottom, word in re.findall(pattern, found.stdout.decode())
    ]


@pytest.mark.parametrize("count", [5, 9, 12])
def test_the_longest_notes_at_the_foot_stay_clear_of_what_stands_above(count):
    longest = "Dr. Ir. H. " + "Natanegara " * 12
    act = an_act(
        name=longest,
        method=identity.DESK,
        method_detail=longest,
        is_late=True,
        is_sent_later=True,
        claimed_at=datetime.datetime(2024, 7, 29, 16, 50, 0, tzinfo=datetime.UTC),
    )
    text = a_text(points=("Netral.",) * count + cast.POINTS)
    pdf = laid_out(text, act, watermark="CONTOH – BUKAN DOKUMEN RESMI")

    for page in range(1, page_count(pdf) + 1):
        placed = boxes(pdf, page)
        foot = [word for word, _, _ in placed].index("BUKAN") - 2
        assert max(bottom for _, _, bottom in placed[:foot]) <= placed[foot][1]
        assert max(bottom for _, _, bottom in placed) < 842 - 12


def test_somebody_with_a_nik_signed_with_a_nik():
    act = an_act(
        identifier_label="NIK", identifier="3273••••••••••01", method=identity.PERSONAL_CODE
    )

    text = lines(laid_out(act=act))

    assert "NIK : 3273••••••••••01" in text
    assert "dengan NIK dan kode pribadi" in text
    assert "NIP" not in text


def test_a_late_signature_is_told_as_late_under_the_date_and_in_the_footer():
    text = words(laid_out(act=an_act(is_late=True)))

    assert "ditandatangani setelah batas waktu" in text
    assert "08.15.32 WIB, setelah batas waktu (tanda tangan digambar)" in text
    assert "batas waktu" not in words(laid_out())


def test_the_agencys_seal_is_called_an_uncertified_seal_of_the_agency():
    assert "Disegel dengan segel digital instansi (tidak tersertifikasi)." in words(laid_out())


def test_a_development_seal_says_that_it_is_none_of_the_agency():
    text = words(laid_out(certificate=DEVELOPMENT_SEAL))

    assert "Disegel dengan segel pengembangan, bukan segel instansi" in text
    assert "segel digital instansi" not in text


@pytest.mark.parametrize("certificate", [AGENCY_SEAL, DEVELOPMENT_SEAL])
def test_nothing_claims_more_than_the_law_gives(certificate):
    text = words(laid_out(certificate=certificate)).lower()

    for claim in ("sah secara hukum", "tanda tangan basah", "bsre", "segel elektronik"):
        assert claim not in text


def test_the_digest_of_the_text_is_printed_short_and_whole():
    text = a_text()

    said = f"Sidik naskah {text.digest[:8]}; SHA-256 lengkap: {text.digest}"
    assert said in words(laid_out(text))


def images_of(pdf: bytes) -> list[Image.Image]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        found = [
            pikepdf.PdfImage(image)
            for image in document.pages[0].get_images().values()
            if isinstance(image, pikepdf.Stream)
        ]
        assert not any(image.obj.get("/Interpolate") for image in found), "against PDF/A"
        return [image.as_pil_image() for image in found]


def test_the_qr_code_leads_to_the_documents_verification_and_is_also_printed_in_words():
    pdf = laid_out()
    url = "http://localhost:8000/v/K7Q2XFABCDEFGHJK"

    [png] = preview.pages_as_png(pdf, width=2100)  # a millimetre is ten pixels
    page = Image.open(io.BytesIO(png)).convert("L")
    [code] = zxingcpp.read_barcodes(page)
    assert code.text == url
    assert url in words(pdf)


def test_the_drawn_mark_is_there_as_a_line_and_not_as_a_picture():
    pdf = laid_out()

    assert images_of(pdf) == []
    assert len(places(pdf, lambda colour: colour[2] > colour[0] + 40)) > 150


def test_a_typed_mark_is_set_in_italics():
    pdf = laid_out(mark=marks.typed("Siti Aminah"))

    assert words(pdf).count("Siti Aminah") == 4
    with pikepdf.open(io.BytesIO(pdf)) as document:
        names = {str(font.BaseFont) for _, font in document.pages[0].Resources.Font.items()}
    assert any(name.endswith("Italic") for name in names)


@pytest.fixture
def logo():
    output = io.BytesIO()
    Image.new("RGB", (300, 300), (0, 90, 0)).save(output, "PNG")
    name = default_storage.save("logos/kop.png", ContentFile(output.getvalue()))
    yield name
    default_storage.delete(name)


def test_the_coat_of_arms_stands_at_the_left_of_the_letterhead(logo):
    text = a_text(letterhead=Letterhead("Pemerintah Kota Contoh", "Jalan Merdeka Nomor 1", logo))
    pdf = laid_out(text)

    assert len(images_of(pdf)) == 1
    green = places(pdf, lambda colour: colour[1] > colour[0] + 40)
    assert green
    assert all(0.14 < x < 0.25 and 0.06 < y < 0.15 for x, y in green)
    assert words(pdf).startswith("PEMERINTAH KOTA CONTOH Jalan Merdeka Nomor 1")


def test_an_agency_without_address_and_coat_of_arms_still_has_a_letterhead():
    pdf = laid_out(a_text(letterhead=Letterhead("Pemerintah Kota Contoh", "", "")))

    assert words(pdf).startswith("PEMERINTAH KOTA CONTOH PAKTA INTEGRITAS")


@pytest.mark.parametrize("page", [1, 2])
def test_a_watermark_crosses_every_page_and_can_be_read_by_machines(page):
    pdf = laid_out(a_text(points=twenty_points()), watermark="CONTOH – BUKAN DOKUMEN RESMI")

    assert "CONTOH – BUKAN DOKUMEN RESMI" in words(pdf, page=page)
    red = places(pdf, lambda colour: colour[0] > colour[1] + 20, page=page)
    assert min(x for x, _ in red) < 0.15 < 0.85 < max(x for x, _ in red)
    assert min(y for _, y in red) < 0.15 < 0.85 < max(y for _, y in red)


def test_a_watermark_does_not_break_up_the_text_under_it():
    text = words(laid_out(watermark="CONTOH – BUKAN DOKUMEN RESMI"))

    assert all(point in text for point in cast.POINTS)


def test_the_file_is_tagged_pdf_a_3b_in_indonesian_with_a_title_and_alternative_texts():
    with pikepdf.open(io.BytesIO(laid_out())) as document:
        metadata = document.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "B")
        assert document.Root.Lang == "id"
        assert document.Root.MarkInfo.Marked
        title = "Pakta Integritas Netralitas Pegawai ASN – Siti Aminah, S.Pd."
        assert metadata["dc:title"] == title
        kinds = [
            (str(each.S), str(each.get("/Alt", "")))
            for each in document.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/StructElem"
        ]
    tags = [kind for kind, _ in kinds]
    assert {"/H1", "/P", "/Table", "/TH", "/TD", "/L", "/LI", "/Figure"} <= set(tags)
    assert {alt for kind, alt in kinds if kind == "/Figure"} == {
        "Kode QR: http://localhost:8000/v/K7Q2XFABCDEFGHJK",
        "Tanda tangan Siti Aminah, S.Pd.",
    }


def test_what_an_act_says_stands_in_the_statement(open_event):
    signature = cast.sign(cast.someone(open_event, cast.DEWI))

    act = Act.of(signature.statement)

    assert act == Act(
        event_code=open_event.code,
        number=3,
        name="Dr. Dewi Lestari, S.Pd., M.Pd.",
        identifier_label="NIP",
        identifier=cast.DEWI,
        rank="Pembina Utama Muda",
        grade="IV/c",
        position="Kepala Dinas",
        unit=("Dinas Pendidikan",),
        method=identity.PERSONAL_LINK,
        method_detail="",
        signed_at=signature.signed_at,
        is_late=False,
        is_sent_later=False,
        claimed_at=None,
        part=Part.SIGNER,
        capacity="",
        verification_code=signature.verification_code,
        pact_digest=signature.pact.digest,
        mark_digest=DRAWN.digest,
    )
