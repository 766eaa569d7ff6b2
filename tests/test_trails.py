"""The audit log in words, and how it is chosen from."""

from __future__ import annotations

import ast
import csv
import datetime
import io

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pledges import audit, excuses, identity, own_data, signing, trails
from pledges.models import AuditEntry, Event, Excuse
from pledges.paper import scans
from pledges.trails import ACTIONS, Chosen, Theme
from tests import cast, photographs
from tests.cast import BUDI, SITI

# A state's name ends these, see `corrections`.
COMPOSED = {"correction.done", "correction.declined"}


def actions() -> set[str]:
    """Every action that is spelled out in the code."""
    found = set()
    for path in (settings.BASE_DIR / "pledges").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("record"):
                found |= {
                    str(keyword.value.value)
                    for keyword in node.keywords
                    if keyword.arg == "action" and isinstance(keyword.value, ast.Constant)
                }
    return found


def test_every_action_has_a_sentence():
    assert actions() - ACTIONS.keys() == set()
    assert ACTIONS.keys() >= COMPOSED


def told(event: Event, **chosen) -> list[str]:
    return [
        f"{each.who} {each.what}" + (f": {each.about}" if each.about else "")
        for each in trails.tell(trails.entries(event, Chosen(**chosen)))
    ]


@pytest.fixture
def event(open_event: Event, admin, officer) -> Event:
    """Siti has signed, and it was made void; an officer has looked at Budi's link."""
    admin.first_name = "Rina Contoh"
    admin.save()
    signing.void(cast.sign(cast.someone(open_event, SITI)), reason="Salah", by=admin)
    identity.reveal(cast.someone(open_event, BUDI), by=officer)
    return open_event


def test_entries_are_whole_sentences_with_names_the_latest_first(event):
    assert told(event)[:3] == [
        "petugas@contoh.example melihat tautan dan kode pribadi: Budi Santoso, S.K.M.",
        "Rina Contoh membatalkan tanda tangan: Siti Aminah, S.Pd.",
        "Siti Aminah, S.Pd. menandatangani",
    ]
    assert told(event)[-1] == "Sistem menerbitkan acara"


def test_whose_data_were_taken_is_told_and_whether_by_the_person(open_event, admin):
    siti = cast.someone(open_event, SITI)
    own_data.take_out(siti, by=siti)
    own_data.take_out(siti, by=admin, reveals_confided=True)

    assert told(open_event)[:2] == [
        "admin@contoh.example mengunduh semua data satu orang: Siti Aminah, S.Pd.",
        "Siti Aminah, S.Pd. mengunduh data diri sendiri",
    ]


def test_entries_are_chosen_by_who(event):
    assert told(event, who="rina") == ["Rina Contoh membatalkan tanda tangan: Siti Aminah, S.Pd."]
    assert len(told(event, who="petugas@")) == 1
    assert len(told(event, who="Siti")) == 1


def test_entries_are_chosen_by_action(event):
    assert len(told(event, theme=Theme.SIGNED)) == 2
    assert told(event, theme=Theme.CODES) == [
        "petugas@contoh.example melihat tautan dan kode pribadi: Budi Santoso, S.K.M."
    ]


def test_entries_are_chosen_by_person_and_by_unit(event, city):
    audit.record(by=None, action="export.documents", target=city.health, event=event, documents=3)

    assert len(told(event, about="siti")) == 2
    assert told(event, about="Dinas Kesehatan") == [
        "Sistem meminta unduhan 3 dokumen: Dinas Kesehatan"
    ]
    assert told(event, about="Dinas Pendidikan") == []


def test_the_log_is_filtered_by_person_for_excuses_and_scans(open_event, officer):
    siti, budi = cast.someone(open_event, SITI), cast.someone(open_event, BUDI)
    for person in (siti, budi):
        excuses.record(person, code=Excuse.Code.AWAY, by=officer)
    excuses.lift(siti, by=officer)
    sheet = photographs.jpeg(photographs.photograph(siti))
    scans.upload(open_event, [photographs.file(sheet)], by=officer)
    photographs.work_through(open_event)

    assert told(open_event, about="siti") == [
        f"petugas@contoh.example {what}: Siti Aminah, S.Pd."
        for what in (
            "memasangkan pindaian dengan orangnya",
            "mencatat tanda tangan basah",
            "mengunggah pindaian tanda tangan basah",
            "mencabut halangan",
            "mencatat halangan",
        )
    ]
    assert len(told(open_event, about="budi")) == 1


def test_entries_are_chosen_by_period_in_the_zone_of_the_event(event):
    today = timezone.now().astimezone(event.zone).date()
    yesterday, tomorrow = today - datetime.timedelta(days=1), today + datetime.timedelta(days=1)

    assert told(event, since=today, until=today) == told(event)
    assert told(event, since=tomorrow) == []
    assert told(event, until=yesterday) == []


def test_other_events_have_their_own(event, city):
    other = cast.make_open(city)

    assert told(other) == ["Sistem menerbitkan acara"]


def test_pages_go_on_by_key_whatever_is_recorded_meanwhile(event):
    found = trails.entries(event, Chosen())
    everything = trails.tell(found)
    first, key = trails.page(found, before=None, count=2)
    audit.record(by=None, action="event.update", target=event, event=event)

    rest, end = trails.page(found, before=key, count=50)

    assert [each.pk for each in [*first, *rest]] == [each.pk for each in everything]
    assert end is None


def test_who_or_what_is_gone_is_told_by_its_number(event, officer):
    officer.delete()
    audit.record(by=None, action="strange.act", target=event.agency, event=event)

    assert told(event)[0] == "Sistem melakukan “strange.act”: Pemerintah Kota Contoh"
    assert told(event)[1].startswith("akun yang sudah dihapus melihat tautan")


def test_names_need_no_more_queries_for_more_entries(event):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            told(event)
        return len(captured)

    before = queries()
    for nip in (BUDI, cast.DEWI, cast.AGUS):
        cast.sign(cast.someone(event, nip))

    assert queries() == before


def test_the_csv_holds_what_was_chosen_and_is_itself_in_the_log(event, admin):
    content = b"".join(trails.export(event, Chosen(theme=Theme.SIGNED), by=admin))

    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row[1:] for row in rows[1:]] == [
        ["Rina Contoh", "membatalkan tanda tangan", "Siti Aminah, S.Pd."],
        ["Siti Aminah, S.Pd.", "menandatangani", ""],
    ]
    entry = AuditEntry.objects.get(action="export.trail")
    assert (entry.actor, entry.details) == (f"user:{admin.pk}", {"entries": 2})


def test_the_whole_trail_of_a_long_event_comes_in_pieces(event):
    for _ in range(1200):
        events_entry = {"by": None, "action": "event.update", "target": event, "event": event}
        audit.record(**events_entry)

    pieces = list(trails.export(event, Chosen(), by=None))

    assert len(pieces) > 1
    assert (
        b"".join(pieces).count(b"\r\n")
        == 1 + AuditEntry.objects.filter(event_id=event.pk).exclude(action="export.trail").count()
    )
