"""What a column may hold, and the many names that columns go by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from pledges.roster.words import fold, vocabulary


class Field(StrEnum):
    """The path of a unit begins at the broadest, UNIT_1."""

    NIP = "nip"
    NIK = "nik"
    NIP_OR_NIK = "nip_or_nik"
    TITLE_BEFORE = "title_before"
    NAME = "name"
    TITLE_AFTER = "title_after"
    KIND = "kind"
    RANK = "rank"
    GRADE = "grade"
    GRADE_LETTER = "grade_letter"
    POSITION = "position"
    ECHELON = "echelon"
    UNIT_1 = "unit_1"
    UNIT_2 = "unit_2"
    UNIT_3 = "unit_3"
    EMAIL = "email"
    PHONE = "phone"
    WAVE = "wave"
    PART = "part"
    CAPACITY = "capacity"
    SEQUENCE = "sequence"

    @property
    def label(self) -> str:
        return _LABELS[self]


# How broad the units are that a column names; 0 where it names none.
GOVERNMENT, UPPERMOST, INSIDE, INNERMOST = 1, 2, 3, 4

IDENTIFIERS = (Field.NIP, Field.NIK, Field.NIP_OR_NIK)
UNITS = (Field.UNIT_1, Field.UNIT_2, Field.UNIT_3)

# As headers of a file that we write ourselves: each is recognised again as what it is.
_LABELS = {
    Field.NIP: "NIP",
    Field.NIK: "NIK",
    Field.NIP_OR_NIK: "NIP/NIK",
    Field.TITLE_BEFORE: "Gelar Depan",
    Field.NAME: "Nama",
    Field.TITLE_AFTER: "Gelar Belakang",
    Field.KIND: "Jenis Kepegawaian",
    Field.RANK: "Pangkat",
    Field.GRADE: "Golongan",
    Field.GRADE_LETTER: "Ruang",
    Field.POSITION: "Jabatan",
    Field.ECHELON: "Eselon",
    Field.UNIT_1: "Perangkat Daerah",
    Field.UNIT_2: "Unit Kerja",
    Field.UNIT_3: "Sub Unit",
    Field.EMAIL: "E-mail",
    Field.PHONE: "No. WA",
    Field.WAVE: "Gelombang",
    Field.PART: "Peran",
    Field.CAPACITY: "Bertindak Sebagai",
    Field.SEQUENCE: "Urutan",
}


@dataclass(frozen=True, slots=True, order=True)
class Meaning:
    """What a header says. A smaller `order` is the clearer name. Units all have the field
    UNIT_1 until they are put in order."""

    order: int
    field: Field
    breadth: int = 0


@dataclass(frozen=True, slots=True)
class _Name:
    """A header means `field` when it has one of `phrases` and for the rest only `also` words."""

    field: Field
    phrases: tuple[str, ...]
    also: str = ""
    breadth: int = 0

    def fits(self, header: str) -> bool:
        allowed = vocabulary(self.also) | {"no", "nomor"}
        return any(
            f" {phrase} " in f" {header} "
            and set(f" {header} ".replace(f" {phrase} ", " ").split()) <= allowed
            for phrase in self.phrases
        )


_STAFF = "pegawai asn pns cpns pppk p3k"
_NIP_WORDS = f"{_STAFF} nip ni nipppk nrp induk baru 18 digit angka"
_NAMES = (
    _Name(Field.NIP_OR_NIK, ("nip", "induk pegawai"), f"{_NIP_WORDS} nik dan atau ktp non"),
    _Name(Field.NIP, ("nip baru", "nip 18", "nip 18 digit"), _NIP_WORDS),
    _Name(
        Field.NIP,
        ("nip", "ni pppk", "nipppk", "ni p3k", "induk pegawai", "induk pppk", "induk asn"),
        _NIP_WORDS,
    ),
    _Name(Field.NIK, ("nik", "induk kependudukan", "ktp"), "nik induk kependudukan ktp e 16 digit"),
    _Name(Field.TITLE_BEFORE, ("gelar depan", "gelar di depan", "depan"), "akademik"),
    _Name(Field.TITLE_BEFORE, ("gelar depan",), "nama lengkap dan"),
    _Name(Field.TITLE_AFTER, ("gelar belakang", "gelar di belakang", "belakang"), "akademik"),
    _Name(Field.TITLE_AFTER, ("gelar belakang",), "nama lengkap dan"),
    _Name(
        Field.NAME,
        ("nama lengkap", "nama pegawai", "nama pns", "nama asn", "nama pppk", "nama"),
        f"{_STAFF} lengkap dan dengan beserta tanpa gelar peserta personel personil",
    ),
    _Name(
        Field.KIND,
        (
            *("jenis pegawai", "jenis kepegawaian", "jenis asn", "jenis", "kategori"),
            *("status pegawai", "status kepegawaian", "status asn", "status", "pns pppk"),
            *("asn non asn", "pns non pns"),
        ),
        f"{_STAFF} kepegawaian jenis status non nama",
    ),
    _Name(Field.RANK, ("pangkat", "kepangkatan"), "gol golongan ruang golru terakhir pns"),
    _Name(
        Field.GRADE,
        ("golongan ruang", "gol ruang", "golongan", "gol", "golru"),
        f"{_STAFF} ruang r terakhir akhir nama",
    ),
    _Name(Field.GRADE_LETTER, ("ruang",)),
    _Name(
        Field.POSITION,
        ("nama jabatan", "jabatan eselon", "jabatan"),
        "nama terakhir sekarang saat ini struktural fungsional pelaksana definitif tugas dan",
    ),
    _Name(Field.ECHELON, ("eselon", "esselon", "eselonering", "esl"), "jabatan tingkat"),
    _Name(
        Field.EMAIL, ("e mail", "email", "surel", "pos el"), "alamat dinas pribadi aktif e mail gov"
    ),
    _Name(
        Field.PHONE,
        (
            *("hp", "wa", "whatsapp", "handphone", "telepon", "telp", "tlp", "telpon", "telephone"),
            *("ponsel", "seluler", "kontak", "hape"),
        ),
        f"{_STAFF} hp wa whatsapp handphone telepon telp tlp aktif seluler kontak dan atau",
    ),
    _Name(
        Field.UNIT_1,
        ("instansi", "pemerintah daerah", "pemda"),
        "nama induk kerja daerah asal",
        breadth=GOVERNMENT,
    ),
    _Name(
        Field.UNIT_1,
        (
            *("organisasi perangkat daerah", "perangkat daerah", "opd", "skpd", "unor induk"),
            *("unit organisasi induk", "unit kerja induk", "unit induk", "dinas badan", "dinas"),
        ),
        "nama organisasi perangkat daerah opd skpd unit kerja satuan dinas badan kecamatan kantor",
        breadth=UPPERMOST,
    ),
    _Name(Field.UNIT_1, ("satuan kerja", "satker"), "nama induk", breadth=UPPERMOST),
    _Name(
        Field.UNIT_1,
        ("unit kerja", "unor", "unit organisasi", "unit"),
        "nama unor instansi asal unit kerja organisasi saat ini sekolah tempat tugas",
        breadth=INSIDE,
    ),
    _Name(
        Field.UNIT_1,
        ("tempat tugas", "tempat kerja", "lokasi kerja", "tempat bekerja", "penempatan"),
        "nama unit kerja saat ini",
        breadth=INSIDE,
    ),
    _Name(
        Field.UNIT_1,
        (
            *("sub unit", "subunit", "sub unor", "sub opd", "sub bagian", "subbagian"),
            *("sub bidang", "subbidang", "bidang", "bagian", "seksi", "upt", "uptd"),
        ),
        "nama sub unit kerja organisasi bidang bagian subbagian seksi upt uptd sekretariat dan",
        breadth=INNERMOST,
    ),
    _Name(Field.WAVE, ("gelombang", "giliran"), "ke tanda tangan penandatanganan apel"),
    _Name(Field.PART, ("peran",), "sebagai dalam pada acara apel deklarasi ikrar"),
    _Name(Field.CAPACITY, ("bertindak sebagai", "kapasitas", "mewakili"), "dalam sebagai unsur"),
    _Name(Field.SEQUENCE, ("urutan",), "ke tanda tangan penandatanganan perwakilan saksi"),
)
_LONGEST_HEADER = 80
_COUNTERS = frozenset({"no", "nomor", "no urut", "nomor urut", "nr", "urut"})
# Columns about something else, whatever other words stand beside these.
_FOREIGN = vocabulary(
    "kode kd id tmt tgl tanggal tahun thn lahir lama atasan masa mk pendidikan jurusan agama npwp "
    "rekening suami istri pasangan anak ayah ibu karpeg pensiun bup sk keterangan ket umur usia "
    "kelas kelamin darah"
)


def meaning(header: str) -> Meaning | None:
    """What a header means, however it is written; None if nothing that a roster needs."""
    if len(header) > _LONGEST_HEADER or is_foreign(header):
        return None
    words = fold(header).split()
    is_spaced_out = all(len(word) == 1 for word in words)  # "N I P"
    return _meaning(("" if is_spaced_out else " ").join(words))


@lru_cache(maxsize=2048)
def _meaning(folded: str) -> Meaning | None:
    for order, name in enumerate(_NAMES):
        if name.fits(folded) and _has_both(name.field, folded):
            return Meaning(order, name.field, name.breadth)
    return None


def is_foreign(header: str) -> bool:
    return not _FOREIGN.isdisjoint(fold(header).split())


def is_counter(header: str) -> bool:
    """Whether the column numbers the lines."""
    return fold(header) in _COUNTERS


def _has_both(field: Field, folded: str) -> bool:
    """A column for either number names both; a NIP column names the NIP only."""
    return field is not Field.NIP_OR_NIK or not {"nik", "ktp"}.isdisjoint(folded.split())
