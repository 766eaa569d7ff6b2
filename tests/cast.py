"""The fixed cast of the tests: one city with its units, its events, its people and its users.

Pemerintah Kota Contoh has two departments with one unit each below them. Every event has
the same five people, one of each kind; the users are named for their role, and everybody
outside is from Kabupaten Tetangga. All names and numbers are invented.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from pledges import events, identity, keys, marks, signing
from pledges.models import (
    Agency,
    Audience,
    Event,
    Kind,
    Membership,
    Pact,
    PactKind,
    Part,
    PledgePoint,
    Role,
    Signatory,
    Signature,
)

PASSWORD = "sandi-untuk-uji-2024"

SITI = "198001012005012001"
BUDI = "199002022024211001"
DEWI = "197503032000032002"
AGUS = "199504042025211002"
RAHMAT_NIK = "3273010505900001"

OPENING = (
    "Saya yang bertanda tangan di bawah ini:\n{identitas}\n"
    "dalam rangka Pilkada Serentak Tahun 2024, dengan ini menyatakan:"
)
POINTS = (
    "Menjaga dan menegakkan prinsip netralitas pegawai ASN dalam melaksanakan fungsi pelayanan "
    "publik, baik sebelum, selama, maupun sesudah pelaksanaan Pilkada Serentak Tahun 2024.",
    "Menghindari konflik kepentingan, tidak melakukan praktik-praktik intimidasi dan ancaman "
    "kepada pegawai ASN dan seluruh elemen masyarakat, serta tidak memihak kepada pasangan "
    "calon tertentu.",
    "Menggunakan media sosial secara bijak, tidak dipergunakan untuk kepentingan pasangan calon "
    "tertentu, tidak menyebarkan ujaran kebencian serta berita bohong.",
    "Menolak politik uang dan segala jenis pemberian dalam bentuk apa pun.",
)
CLOSING = (
    "Apabila saya melanggar pernyataan ini, saya bersedia menerima konsekuensi sesuai ketentuan "
    "peraturan perundang-undangan."
)
LEGAL_BASES = (
    "Undang-Undang Nomor 20 Tahun 2023 tentang Aparatur Sipil Negara",
    "Peraturan Pemerintah Nomor 94 Tahun 2021 tentang Disiplin Pegawai Negeri Sipil",
)
IKRAR = (
    "Menjaga dan menegakkan prinsip netralitas pegawai ASN di instansi masing-masing.",
    "Menghindari konflik kepentingan dan tidak memihak kepada pasangan calon tertentu.",
    "Menggunakan media sosial secara bijak.",
)
DRAWING = "M100 200L180 90L240 300L330 120L420 260M450 250L620 230L880 210"


@dataclass(frozen=True, slots=True)
class City:
    agency: Agency
    education: Agency
    school: Agency
    health: Agency
    clinic: Agency


def make_agency(name: str, *, above: Agency | None = None, **fields: object) -> Agency:
    values = {"name": name, **fields}
    agency: Agency
    if above is None:
        agency = Agency.objects.add_root(values)
    else:
        above.refresh_from_db()
        agency = Agency.objects.add_child(above, values)
    return agency


def make_city(name: str = "Pemerintah Kota Contoh", *, city: str = "Contoh") -> City:
    agency = make_agency(name, address="Jalan Merdeka Nomor 1", city=city)
    education = make_agency("Dinas Pendidikan", above=agency)
    school = make_agency("SDN 1 Contoh", above=education)
    health = make_agency("Dinas Kesehatan", above=agency)
    clinic = make_agency("Puskesmas Contoh", above=health)
    for unit in (agency, education, health):
        unit.refresh_from_db()
    return City(agency, education, school, health, clinic)


def make_user(email: str, *roles: tuple[Role, Agency], is_superuser: bool = False) -> User:
    user = User.objects.create_user(
        email, email, PASSWORD, is_superuser=is_superuser, is_staff=is_superuser
    )
    for role, agency in roles:
        Membership.objects.create(user=user, agency=agency, role=role)
    return user


def make_person(
    event: Event,
    *,
    unit: Agency,
    name: str,
    nip: str | None = None,
    nik: str | None = None,
    kind: Kind = Kind.PNS,
    **fields: object,
) -> Signatory:
    """Put one person on the roster; a person with a NIK is non-ASN."""
    if nik is not None:
        fields |= {"nik_cipher": keys.encrypt_nik(nik), "nik_hash": keys.nik_hash(nik)}
        kind = Kind.NON_ASN
    return Signatory.objects.create(
        event=event,
        unit=unit,
        number=event.signatories.count() + 1,
        name=name,
        nip=nip,
        kind=kind,
        **fields,
    )


def make_pact(
    event: Event,
    *,
    points: Collection[str] = POINTS,
    kind: PactKind = PactKind.INDIVIDUAL,
    audience: Audience = Audience.ALL,
    **fields: object,
) -> Pact:
    values = {
        "title": "Pakta Integritas Netralitas Pegawai ASN",
        "opening": OPENING,
        "closing": CLOSING,
        "legal_bases": list(LEGAL_BASES),
    }
    pact = Pact.objects.create(event=event, kind=kind, audience=audience, **values | fields)
    for number, text in enumerate(points, start=1):
        PledgePoint.objects.create(pact=pact, number=number, text=text)
    return pact


def make_event(agency: Agency, **fields: object) -> Event:
    """A draft without a text and without people."""
    values = {
        "title": "Apel dan Penandatanganan Pakta Integritas Netralitas ASN",
        "election": "Pilkada Serentak Tahun 2024",
        "date": datetime.date(2024, 7, 29),
        "venue": "Plaza Balai Kota",
        "presiding_name": "Contoh Pimpinan",
        "presiding_position": "Sekretaris Daerah",
        "deadline": timezone.now() + datetime.timedelta(days=7),
    }
    return Event.objects.create(agency=agency, **values | fields)


def make_draft(city: City, *, points: Collection[str] = POINTS, **fields: object) -> Event:
    """An event that is ready to be published: a text of four points and five people."""
    event = make_event(city.agency, **fields)
    make_pact(event, points=points)
    make_person(
        event, unit=city.school, name="Siti Aminah, S.Pd.", nip=SITI,
        rank="Penata", grade="III/c", position="Guru Kelas", email="siti@contoh.example",
    )  # fmt: skip
    make_person(
        event, unit=city.clinic, name="Budi Santoso, S.K.M.", nip=BUDI, kind=Kind.PPPK,
        grade="IX", position="Penyuluh Kesehatan",
    )  # fmt: skip
    make_person(
        event, unit=city.education, name="Dr. Dewi Lestari, S.Pd., M.Pd.", nip=DEWI,
        rank="Pembina Utama Muda", grade="IV/c", position="Kepala Dinas", echelon="II.b",
    )  # fmt: skip
    make_person(
        event, unit=city.school, name="Agus", nip=AGUS, kind=Kind.PPPK_PART_TIME,
        position="Penjaga Sekolah",
    )  # fmt: skip
    make_person(
        event, unit=city.clinic, name="Rahmat Hidayat", nik=RAHMAT_NIK, position="Pengemudi"
    )
    return event


def make_ikrar(event: Event) -> Pact:
    """The text of the joint declaration, of three points."""
    return make_pact(
        event,
        points=IKRAR,
        kind=PactKind.DECLARATION,
        title="Ikrar Netralitas Pegawai ASN",
        opening="Kami berikrar:",
        closing="Demikian ikrar ini kami buat.",
        legal_bases=[],
    )


def give_part(person: Signatory, part: Part, *, capacity: str = "", sequence: int = 0) -> Signatory:
    person.part, person.capacity, person.sequence = part, capacity, sequence
    person.save()
    return person


def make_outsider(
    event: Event, *, name: str, part: Part = Part.WITNESS, capacity: str = "", sequence: int = 0
) -> Signatory:
    """Somebody without a NIP, who signs the declaration only."""
    return make_person(
        event, unit=event.agency, name=name, kind=Kind.OUTSIDE,
        part=part, capacity=capacity, sequence=sequence,
    )  # fmt: skip


def make_ceremony(city: City, *, points: Collection[str] = POINTS, **fields: object) -> Event:
    """A draft with an ikrar too: Dewi presides, Siti and Budi stand for others, KPU is witness."""
    event = make_draft(city, points=points, **fields)
    make_ikrar(event)
    give_part(someone(event, DEWI), Part.PRESIDING)
    give_part(
        someone(event, SITI), Part.REPRESENTATIVE,
        capacity="Perwakilan Kepala Sekolah SD", sequence=1,
    )  # fmt: skip
    give_part(someone(event, BUDI), Part.REPRESENTATIVE, capacity="Perwakilan PPPK", sequence=2)
    make_outsider(event, name="Contoh Saksi", capacity="Ketua KPU Kota Contoh")
    return event


def make_open_ceremony(city: City, *, points: Collection[str] = POINTS, **fields: object) -> Event:
    return events.publish(make_ceremony(city, points=points, **fields), by=None)


def outsider_of(event: Event) -> Signatory:
    """The witness from outside."""
    return event.signatories.select_related("event__agency", "unit").get(kind=Kind.OUTSIDE)


def make_open(city: City, *, points: Collection[str] = POINTS, **fields: object) -> Event:
    return events.publish(make_draft(city, points=points, **fields), by=None)


def make_closed(city: City, *, points: Collection[str] = POINTS, **fields: object) -> Event:
    return events.close(make_open(city, points=points, **fields), by=None)


def someone(event: Event, nip: str = SITI) -> Signatory:
    """One of the event's people, by NIP; Rahmat, who has none, by his NIK."""
    people = event.signatories.select_related("event__agency", "unit")
    if nip == RAHMAT_NIK:
        return people.get(nik_hash=keys.nik_hash(nip))
    return people.get(nip=nip)


def ticket_of(person: Signatory) -> identity.Ticket:
    return identity.by_link(identity.link_token(person))[1]


def sign(person: Signatory, *, mark: marks.Mark | None = None) -> Signature:
    """Sign as the person would through the personal link."""
    numbers = range(1, 41)
    return signing.sign(
        ticket_of(person), mark=mark or marks.drawn(DRAWING), consents=list(numbers)
    )


@pytest.fixture
def city(db: None) -> City:
    return make_city()


@pytest.fixture
def other_city(db: None) -> City:
    return make_city("Pemerintah Kabupaten Tetangga", city="Tetangga")


@pytest.fixture
def draft_event(city: City) -> Event:
    return make_draft(city)


@pytest.fixture
def open_event(city: City) -> Event:
    return make_open(city)


@pytest.fixture
def closed_event(city: City) -> Event:
    """Siti signed before it was closed."""
    event = make_open(city)
    sign(someone(event, SITI))
    return events.close(event, by=None)


@pytest.fixture
def siti(open_event: Event) -> Signatory:
    """A teacher who has not signed yet."""
    return someone(open_event, SITI)


@pytest.fixture
def rahmat(open_event: Event) -> Signatory:
    """A driver who is no civil servant: a NIK instead of a NIP."""
    return someone(open_event, RAHMAT_NIK)


@pytest.fixture
def admin(city: City) -> User:
    return make_user("admin@contoh.example", (Role.ADMIN, city.agency))


@pytest.fixture
def officer(city: City) -> User:
    """Officer of the education department and the school below it."""
    return make_user("petugas@contoh.example", (Role.OFFICER, city.education))


@pytest.fixture
def overseer(city: City) -> User:
    return make_user("pengawas@contoh.example", (Role.OVERSEER, city.agency))


@pytest.fixture
def superuser(db: None) -> User:
    return make_user("pengelola@contoh.example", is_superuser=True)


@pytest.fixture
def outsider(other_city: City) -> User:
    """Admin of another government."""
    return make_user("admin@tetangga.example", (Role.ADMIN, other_city.agency))
