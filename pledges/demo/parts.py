"""Who has a part at a demo event: places for the officials and witnesses of the source, with
made-up names where it tells none, and people of the roster who represent the others."""

from __future__ import annotations

from collections.abc import Iterator

from pledges import ceremony, waves
from pledges.ceremony import Guest
from pledges.demo.sources import Source
from pledges.models import Event, Kind, Part, Signatory

# What the position of somebody on the roster begins with who can stand for others in a capacity.
_HOLDS = {
    "Kepala Badan Kesatuan Bangsa dan Politik": "Kepala Badan Kesatuan Bangsa dan Politik",
    "Sekretaris Dinas Kesehatan Kota Bandung": "Sekretaris Dinas Kesehatan",
    "Ketua Paguyuban Camat": "Camat",
    "Ketua Paguyuban Lurah": "Lurah",
    "Perwakilan Kepala Sekolah SD": "Kepala SD",
    "Perwakilan Kepala Sekolah SMP": "Kepala SMP",
    "Perwakilan Pegawai ASN": "Kepala Bagian",
}
_IS = {
    "Perwakilan Pegawai Pemerintah dengan Perjanjian Kerja (PPPK)": Kind.PPPK,
    "Perwakilan Pegawai Non-ASN": Kind.NON_ASN,
}
_ORDINALS = ("Pertama", "Kedua")


def cast(event: Event, source: Source) -> None:
    """Of a draft. The officials whom a source names have places, and nobody signs for them."""
    for guest in (*_presiding(source), *_witnesses(source)):
        ceremony.add_guest(event, guest, by=None)
    for capacity in source.representatives:
        person = _holder(event, capacity)
        ceremony.give(person, part=Part.REPRESENTATIVE, capacity=capacity, by=None)
    if source.signs_in_waves:
        waves.define(event, waves.BY_RANK, by=None)
        waves.give(event.signatories.get(part=Part.PRESIDING), 1, by=None)


def _presiding(source: Source) -> Iterator[Guest]:
    if told := source.data["event"]["presiding_official"]:
        yield Guest(told["name"], told["position"], Part.PRESIDING)


def _witnesses(source: Source) -> Iterator[Guest]:
    for ordinal, office in zip(_ORDINALS, source.data["witnesses"], strict=False):
        yield Guest(f"Contoh Saksi {ordinal}", office, Part.WITNESS)


def _holder(event: Event, capacity: str) -> Signatory:
    free = event.signatories.owing().filter(part=Part.SIGNER)
    if kind := _IS.get(capacity):
        return free.filter(kind=kind)[0]
    return free.filter(position__startswith=_HOLDS[capacity])[0]
