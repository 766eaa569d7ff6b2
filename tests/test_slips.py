"""Slips: what stands on each, how they are grouped, and how many go into one PDF."""

from __future__ import annotations

import io
import re

import pikepdf
import pytest
import segno
from django.contrib.auth.models import User
from django.utils.timezone import now
from PIL import Image
from pypdfium2 import PdfDocument

from pledges import identity, progress, slips
from pledges.models import Agency, AuditEntry, Event, Signatory, Way
from pledges.roster import enrol
from pledges.slips import NoSuchPart
from tests import cast
from tests.cast import AGUS, BUDI, RAHMAT_NIK, SITI, City, make_person, someone


@pytest.fixture(autouse=True)
def official_address(settings) -> None:
    settings.BASE_URL = "https://pakta.contoh.go.id"


def laid_out(event: Event, people: list[Signatory]) -> bytes:
    return slips.lay_out(event, people, progress.unit_names(event.agency))


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page, whitespace folded."""
    with PdfDocument(pdf) as document:
        texts = [page.get_textpage().get_text_bounded() for page in document]
    return [" ".join(text.replace("\ufffe", "-").split()) for text in texts]


def codes_in(pdf: bytes) -> set[tuple[tuple[int, ...], ...]]:
    """Every picture of the PDF as rows of dark (1) and light (0) modules."""
    found = set()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            for image in page.get_images().values():
                assert isinstance(image, pikepdf.Stream)
                picture = pikepdf.PdfImage(image).as_pil_image().convert("1")
                found.add(modules(picture))
    return found


def modules(picture: Image.Image) -> tuple[tuple[int, ...], ...]:
    width, height = picture.size
    return tuple(
        tuple(0 if picture.getpixel((x, y)) else 1 for x in range(width)) for y in range(height)
    )


def qr_of(person: Signatory) -> tuple[tuple[int, ...], ...]:
    code = segno.make_qr(identity.personal_link(person), error="m", mask=2)
    return tuple(tuple(map(int, row)) for row in code.matrix)


def test_a_slip_shows_name_unit_masked_nip_code_address_and_deadline(open_event: Event):
    siti = someone(open_event, SITI)
    (page,) = pages_of(laid_out(open_event, [siti]))
    assert "Siti Aminah, S.Pd." in page
    assert "SDN 1 Contoh" in page
    assert "NIP 1980••••••••••2001" in page
    assert SITI not in page
    assert identity.personal_code(siti) in page
    assert f"pakta.contoh.go.id/a/{open_event.code} lalu isikan NIP dan kode pribadi ini" in page
    assert re.search(r"Batas \d+ \w+ \d{4} pukul \d\d\.\d\d WIB", page)
    assert open_event.title[:60] in page


def test_a_slip_carries_the_qr_code_of_the_personal_link(open_event: Event):
    people = [someone(open_event, SITI), someone(open_event, BUDI)]
    pdf = laid_out(open_event, people)
    assert codes_in(pdf) == {qr_of(person) for person in people}


def test_somebody_without_a_nip_is_asked_for_the_nik_which_is_masked(open_event: Event):
    rahmat = someone(open_event, RAHMAT_NIK)
    (page,) = pages_of(laid_out(open_event, [rahmat]))
    assert "isikan NIK dan kode pribadi" in page
    assert RAHMAT_NIK not in page


def test_each_unit_begins_a_page_with_its_name_and_those_above_it(open_event: Event, admin: User):
    pdf = slips.print_part(open_event, open_event.signatories.all(), by=admin)
    heads = [page.split(" Slip ")[0] for page in pages_of(pdf)]
    assert [re.sub(r"^.*?(Dinas)", r"\1", head.split(" Apel")[0]) for head in heads] == [
        "Dinas Pendidikan", "Dinas Pendidikan › SDN 1 Contoh", "Dinas Kesehatan › Puskesmas Contoh",
    ]  # fmt: skip


def test_ten_slips_go_on_a_page(open_event: Event, city: City):
    for n in range(1, 13):
        make_person(
            open_event, unit=city.health, name=f"Pegawai {n:02}", nip=f"1990010120150110{n:02}"
        )
    pdf = slips.print_part(open_event, open_event.signatories.in_unit(city.health), by=None)
    first, second, clinic = pages_of(pdf)
    assert "Slip 1–10 dari 12" in first
    assert "Slip 11–12 dari 12" in second
    assert (first.count("Kode pribadi"), second.count("Kode pribadi")) == (10, 2)
    assert clinic.count("Kode pribadi") == 2


def test_whoever_was_withdrawn_gets_no_slip(open_event: Event):
    enrol.withdraw(someone(open_event, SITI), by=None)
    text = " ".join(pages_of(slips.print_part(open_event, open_event.signatories.all(), by=None)))
    assert "Siti Aminah" not in text
    assert "Agus" in text


def test_slips_of_an_example_say_so_on_every_slip(open_event: Event):
    open_event.is_example = True
    people = [someone(open_event, SITI), someone(open_event, AGUS)]
    (page,) = pages_of(laid_out(open_event, people))
    assert page.count("CONTOH – BUKAN DOKUMEN RESMI") == 2
    open_event.is_example = False
    assert "BUKAN DOKUMEN RESMI" not in pages_of(laid_out(open_event, people))[0]


def test_printing_is_recorded_with_the_number_of_people(open_event: Event, admin: User):
    slips.print_part(open_event, open_event.signatories.all(), by=admin)
    entry = AuditEntry.objects.get(action="slips.print")
    assert (entry.actor, entry.details) == (f"user:{admin.pk}", {"people": 5})


def test_printing_again_gives_the_same_codes(open_event: Event):
    people = [someone(open_event, SITI)]
    assert pages_of(laid_out(open_event, people)) == pages_of(laid_out(open_event, people))


def test_many_people_are_printed_in_parts(open_event: Event, monkeypatch):
    monkeypatch.setattr(slips, "PER_PART", 2)
    assert [slips.parts(n) for n in (0, 1, 2, 3, 5)] == [0, 1, 1, 2, 3]
    parts = [
        slips.print_part(open_event, open_event.signatories.all(), by=None, number=number)
        for number in (1, 2, 3)
    ]
    assert [" ".join(pages_of(pdf)).count("Kode pribadi") for pdf in parts] == [2, 2, 1]
    with pytest.raises(NoSuchPart):
        slips.print_part(open_event, open_event.signatories.all(), by=None, number=4)


def test_a_slip_of_somebody_from_outside_has_a_link_and_no_code(city: City):
    event = cast.make_open_ceremony(city)
    guest = cast.outsider_of(event)
    guest.position = "Ketua KPU Kota Contoh"
    pdf = laid_out(event, [guest])
    (page,) = pages_of(pdf)
    assert codes_in(pdf) == {qr_of(guest)}
    assert "Contoh Saksi Ketua KPU Kota Contoh Saksi" in page
    assert "Tautan pribadi, hanya untuk Anda" in page
    assert identity.personal_code(guest) not in page
    assert "kode pribadi" not in page.lower()


def test_without_slips_as_a_way_in_only_people_from_outside_get_one(city: City):
    event = cast.make_open_ceremony(city, ways=[Way.EMAIL])
    (page,) = pages_of(slips.print_part(event, event.signatories.all(), by=None))
    assert "Contoh Saksi" in page
    assert "Siti Aminah" not in page
    assert "kode pribadi" not in page.lower()


def test_whoever_prints_slips_is_named_as_who_handed_them_out(open_event: Event, admin: User):
    in_school = open_event.signatories.filter(unit__name="SDN 1 Contoh")
    slips.print_part(open_event, in_school, by=admin)
    siti, budi = someone(open_event, SITI), someone(open_event, BUDI)
    assert (siti.handed_out_by, budi.handed_out_by) == (admin, None)
    assert cast.ticket_of(siti).detail == "admin@contoh.example"


def test_only_the_people_of_the_printed_part_are_handed_their_slips(
    open_event: Event, admin: User, monkeypatch
):
    monkeypatch.setattr(slips, "PER_PART", 2)
    slips.print_part(open_event, open_event.signatories.all(), by=admin, number=2)
    assert open_event.signatories.filter(handed_out_by=admin).count() == 2


def test_a_name_with_html_in_it_is_printed_as_it_is(open_event: Event):
    siti = someone(open_event, SITI)
    siti.name = '<b>Siti</b> & "Aminah"'
    assert '<b>Siti</b> & "Aminah"' in pages_of(laid_out(open_event, [siti]))[0]


def test_the_longest_name_in_the_longest_unit_stays_on_its_slip():
    top = Agency(pk=1, name="Pemerintah Kota Contoh", path="0001", depth=1)
    unit = Agency(pk=2, name="Unit Pelaksana Teknis " * 9, path="00010001", depth=2)
    event = Event(agency=top, code="7K3QX2", title="Apel Netralitas " * 15, deadline=now())
    name = "Prof. Dr. Ir. H. " + "Kartadinata " * 11
    person = Signatory(
        pk=1, event=event, unit=unit, name=name[:150], nip="198001012005012001", kind="pns"
    )
    lowest = min(bottom for bottom in bottoms(slips.lay_out(event, [person], {unit.pk: "Unit"})))
    assert lowest > 297 - 8 - 14 - 52.8


def test_the_longest_office_of_somebody_from_outside_stays_on_the_slip():
    top = Agency(pk=1, name="Pemerintah Kota Contoh", path="0001", depth=1)
    event = Event(agency=top, code="7K3QX2", title="Apel Netralitas " * 15, deadline=now())
    guest = Signatory(
        pk=1, event=event, unit=top, kind="outside", part="witness",
        name=("Prof. Dr. Ir. H. " + "Kartadinata " * 11)[:150], position="Ketua Lembaga " * 14,
    )  # fmt: skip
    lowest = min(bottoms(slips.lay_out(event, [guest], {top.pk: top.name})))
    assert lowest > 297 - 8 - 14 - 52.8


def bottoms(pdf: bytes) -> list[float]:
    """How far above the lower edge each character of the first page ends, in millimetres."""
    with PdfDocument(pdf) as document:
        text = document[0].get_textpage()
        return [text.get_charbox(n)[1] * 25.4 / 72 for n in range(text.count_chars())]
