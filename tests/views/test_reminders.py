"""Tagih: the officer's people one by one, reminders by e-mail, the list to print; and the word
of a signing page that it was opened."""

from __future__ import annotations

import datetime
from urllib.parse import unquote

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from pledges import events, identity, reminders, whatsapp
from pledges.models import AuditEntry, Event, Refusal, Reminder, ReminderRun, Signatory
from tests import cast
from tests.cast import BUDI, DEWI, SITI, City
from tests.pages import text_of
from tests.test_reminders import ask, at, give_phone, tick


def chase(event: Event, rest: str = "") -> str:
    return f"/kelola/acara/{event.code}/tagih{rest}"


# One by one, by WhatsApp


def test_an_officer_sees_the_missing_of_the_units_in_care_each_with_one_button(
    as_officer: Client, open_event: Event, siti: Signatory
):
    give_phone(siti)

    page = as_officer.get(chase(open_event))

    text = text_of(page)
    assert "Siti Aminah, S.Pd." in text
    assert "Budi Santoso" not in text
    assert "Belum dihubungi 3" in text
    assert page.content.count(b">WhatsApp</button>") == 1
    assert page.content.count(b"/tagih/") - page.content.count(b"/tagih/surel") == 2


def test_a_tap_leads_to_the_chat_with_the_link_which_stands_on_no_page(
    as_officer: Client, open_event: Event, siti: Signatory
):
    give_phone(siti)
    token = identity.link_token(siti)

    answer = as_officer.post(chase(open_event, f"/{siti.pk}/whatsapp"))

    assert answer.status_code == 303
    assert answer["Location"].startswith("https://wa.me/6281234567890?text=")
    assert f"/s/{token}" in unquote(answer["Location"])
    assert "no-store" in answer["Cache-Control"]
    assert answer.content == b""
    for rest in ("", "?keadaan=terkirim", "/surel", "/cetak"):
        assert token not in as_officer.get(chase(open_event, rest)).content.decode()


def test_afterwards_the_state_and_the_time_are_told_and_the_next_person_is_on_top(
    as_officer: Client, open_event: Event, siti: Signatory, officer: User
):
    officer.first_name = "Rina"
    officer.save()
    give_phone(siti)
    with at(datetime.datetime(2024, 7, 20, 3, 15, tzinfo=datetime.UTC)):
        whatsapp.remind(siti, by=officer)

    assert "Siti Aminah" not in text_of(as_officer.get(chase(open_event)))
    text = text_of(as_officer.get(chase(open_event, "?keadaan=terkirim")))
    assert "Terkirim 20 Juli 2024 pukul 10.15 WIB, oleh Rina" in text
    assert "WhatsApp lagi" in text


def test_who_opened_the_link_and_who_signed_are_told(
    as_officer: Client, open_event: Event, siti: Signatory, officer: User
):
    whatsapp.remind(give_phone(siti), by=officer)
    identity.note_opened(cast.ticket_of(siti))
    assert "Dibuka 1" in text_of(as_officer.get(chase(open_event, "?keadaan=dibuka")))

    cast.sign(siti)

    text = text_of(as_officer.get(chase(open_event, "?keadaan=sudah")))
    assert "Dibuka 0 Sudah menandatangani 1" in text
    assert "WhatsApp lagi" not in text


def test_a_number_that_cannot_be_used_is_told_and_can_be_mended(
    as_officer: Client, open_event: Event, siti: Signatory
):
    give_phone(siti, "022-1234567")

    page = as_officer.get(chase(open_event))

    assert "Nomor 022-1234567 tidak dapat dipakai untuk WhatsApp." in text_of(page)
    assert "Nomor WhatsApp belum ada." in text_of(page)
    assert f"/kelola/acara/{open_event.code}/orang/{siti.pk}/ubah" in page.content.decode()
    answer = as_officer.post(chase(open_event, f"/{siti.pk}/whatsapp"), follow=True)
    assert "Isi dahulu nomor ponselnya" in text_of(answer)
    assert not Reminder.objects.exists()


def test_who_signed_meanwhile_is_not_reminded_and_the_officer_is_told(
    as_officer: Client, open_event: Event, siti: Signatory
):
    give_phone(siti)
    cast.sign(siti)

    answer = as_officer.post(chase(open_event, f"/{siti.pk}/whatsapp"), follow=True)

    assert "Siti Aminah, S.Pd. tidak perlu diingatkan" in text_of(answer)
    assert not Reminder.objects.exists()


def test_a_form_of_this_page_may_lead_to_whatsapp_and_to_no_other_site(
    as_officer: Client, open_event: Event
):
    policy = as_officer.get(chase(open_event))["Content-Security-Policy"]

    assert "form-action 'self' https://wa.me https://api.whatsapp.com;" in policy
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy


def test_who_declined_is_listed_for_the_officer_and_not_for_the_admin(
    client: Client, admin: User, officer: User, open_event: Event, siti: Signatory
):
    Refusal.objects.create(signatory=give_phone(siti))

    client.force_login(officer)
    assert "Siti Aminah" in text_of(client.get(chase(open_event)))
    assert client.post(chase(open_event, f"/{siti.pk}/whatsapp")).status_code == 303

    client.force_login(admin)
    for rest in ("", "?keadaan=terkirim"):
        assert "Siti Aminah" not in text_of(client.get(chase(open_event, rest)))


def test_people_of_other_units_are_not_the_officers_to_write_to(
    as_officer: Client, open_event: Event
):
    budi = give_phone(cast.someone(open_event, BUDI))

    assert as_officer.post(chase(open_event, f"/{budi.pk}/whatsapp")).status_code == 404


def test_a_link_is_not_given_by_opening_an_address(as_officer: Client, open_event: Event, siti):
    assert as_officer.get(chase(open_event, f"/{siti.pk}/whatsapp")).status_code == 405


@pytest.mark.parametrize("rest", ["", "/surel", "/surel/kirim", "/cetak"])
def test_outsiders_and_overseers_are_refused(
    client: Client, overseer: User, outsider: User, open_event: Event, rest: str
):
    client.force_login(overseer)
    assert client.get(chase(open_event, rest)).status_code == 403
    client.force_login(outsider)
    assert client.get(chase(open_event, rest)).status_code == 404


@pytest.mark.parametrize("rest", ["", "/surel", "/cetak"])
def test_before_publication_there_is_nobody_to_chase(
    as_admin: Client, draft_event: Event, rest: str
):
    answer = as_admin.get(chase(draft_event, rest), follow=True)

    assert "belum ada yang perlu ditagih" in text_of(answer)


def test_after_closing_the_page_says_so_and_offers_no_chat(as_officer: Client, closed_event: Event):
    give_phone(cast.someone(closed_event, DEWI))

    page = as_officer.get(chase(closed_event))

    assert "Acara sudah ditutup, jadi tidak ada lagi yang dapat diingatkan." in text_of(page)
    assert b">WhatsApp</button>" not in page.content
    assert "tidak ada pengingat yang dikirim" in text_of(
        as_officer.get(chase(closed_event, "/surel"))
    )


def test_with_everybody_signed_there_is_nobody_to_chase(as_officer: Client, open_event: Event):
    for person in open_event.signatories.all():
        cast.sign(person)

    assert "Tidak ada yang perlu ditagih" in text_of(as_officer.get(chase(open_event)))
    assert "Tidak ada, keadaan" in text_of(as_officer.get(chase(open_event, "/cetak")))


def test_a_page_of_many_is_asked_for_with_the_same_queries(
    as_officer: Client, open_event: Event, django_assert_num_queries, city: City
):
    as_officer.get(chase(open_event))
    with django_assert_num_queries(23):
        as_officer.get(chase(open_event))
    for number in range(20):
        cast.make_person(
            open_event, unit=city.school, name=f"Guru {number}",
            nip=f"19800101200501{number:04}", phone="0812-3456-7890",
        )  # fmt: skip
    with django_assert_num_queries(23):
        as_officer.get(chase(open_event))


# By e-mail


def test_nothing_sent_yet_is_told_with_what_to_do(as_admin: Client, open_event: Event):
    text = text_of(as_admin.get(chase(open_event, "/surel")))

    assert "Belum ada pengingat yang dikirim" in text
    assert "Belum ada yang dijadwalkan." in text
    assert "Tidak terjangkau" not in text
    assert "Server ini belum mengirim surel." not in text


def test_a_server_that_keeps_emails_to_itself_says_so(
    as_admin: Client, open_event: Event, settings
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"

    text = text_of(as_admin.get(chase(open_event, "/surel")))

    assert "Server ini belum mengirim surel." in text


def test_before_sending_one_is_asked_with_how_many_get_it_and_how_many_do_not(
    as_admin: Client, open_event: Event, smtp_server
):
    ask(open_event)
    tick()
    Signatory.objects.filter(nip=BUDI).update(email="budi@contoh.example")

    text = text_of(as_admin.get(chase(open_event, "/surel/kirim")))

    assert "Kirim surel pengingat kepada yang belum di Pemerintah Kota Contoh?" in text
    assert "5 orang belum menandatangani dan tidak berhalangan." in text
    assert "3 orang tidak mempunyai alamat surel" in text
    assert "1 orang hari ini sudah mendapat surel pengingat" in text
    assert "1 orang mendapat surel sekarang, masing-masing satu." in text
    assert ReminderRun.objects.count() == 1


def test_where_everybody_was_reminded_today_nothing_is_asked(
    as_admin: Client, open_event: Event, smtp_server
):
    ask(open_event)
    tick()

    text = text_of(as_admin.get(chase(open_event, "/surel/kirim"), follow=True))

    assert "tidak ada yang dapat dikirimi sekarang: 1 orang sudah mendapat surel hari ini" in text
    assert "4 tidak mempunyai alamat surel" in text


def test_saying_yes_asks_for_a_round_and_the_page_tells_its_result(
    as_admin: Client, open_event: Event, smtp_server
):
    answer = as_admin.post(chase(open_event, "/surel/kirim"), follow=True)
    assert "Pengingat mulai dikirim dalam satu menit." in text_of(answer)
    assert "Segera, dalam satu menit Pemerintah Kota Contoh" in text_of(answer)

    tick()

    text = text_of(as_admin.get(chase(open_event, "/surel")))
    assert "Pemerintah Kota Contoh Selesai 1 0 0 0 4" in text


def test_an_officer_sends_to_a_unit_in_care_and_to_no_other(
    as_officer: Client, open_event: Event, city: City
):
    as_officer.post(chase(open_event, f"/surel/kirim?unit={city.school.pk}"))
    assert ReminderRun.objects.get().unit == city.school

    as_officer.post(chase(open_event, "/surel/kirim"), {"unit": city.education.pk})
    assert ReminderRun.objects.first().unit == city.education


@pytest.mark.parametrize("unit", ["clinic", "999999", "0", "satu", "%00"])
def test_an_unknown_unit_reminds_nobody(
    as_officer: Client, open_event: Event, city: City, unit: str
):
    known = {"clinic": str(city.clinic.pk)}
    address = chase(open_event, f"/surel/kirim?unit={known.get(unit, unit)}")

    assert as_officer.get(address).status_code == 404
    assert as_officer.post(address).status_code == 404
    sent = as_officer.post(chase(open_event, "/surel/kirim"), {"unit": known.get(unit, unit)})
    assert sent.status_code == 404
    assert not ReminderRun.objects.exists()


def test_an_unknown_unit_plans_nothing_and_prints_nobody(
    as_officer: Client, open_event: Event, city: City
):
    data = {"days_before": 3, "unit": city.clinic.pk}

    assert as_officer.post(chase(open_event, "/surel/jadwal"), data).status_code == 422
    assert as_officer.get(chase(open_event, f"/cetak?unit={city.clinic.pk}")).status_code == 404
    assert not ReminderRun.objects.exists()


def test_an_officer_cannot_tell_a_refusal_by_the_numbers(
    as_officer: Client, open_event: Event, city: City, siti: Signatory, smtp_server
):
    at_school = f"?unit={city.school.pk}"
    asked = [text_of(as_officer.get(chase(open_event, f"/surel/kirim{at_school}")))]
    Refusal.objects.create(signatory=siti)
    asked.append(text_of(as_officer.get(chase(open_event, f"/surel/kirim{at_school}"))))
    assert asked[0] == asked[1]
    assert "2 orang belum menandatangani" in asked[0]

    as_officer.post(chase(open_event, f"/surel/kirim{at_school}"))
    tick()

    text = text_of(as_officer.get(chase(open_event, "/surel")))
    assert smtp_server.messages == []
    assert "SDN 1 Contoh Selesai" in text
    assert "Terkirim" not in text.partition("Sudah berjalan")[2]
    assert text_of(as_officer.get(chase(open_event, f"/surel/kirim{at_school}"))) == asked[0]


def test_failures_are_told_per_person_in_plain_words_with_the_way_to_mend_the_address(
    as_officer: Client, open_event: Event, siti: Signatory, smtp_server
):
    smtp_server.refuse("siti@contoh.example")
    ask(open_event)
    tick()

    page = as_officer.get(chase(open_event, "/surel"))

    assert (
        "Siti Aminah, S.Pd. SDN 1 Contoh siti@contoh.example alamatnya tidak dikenal atau ditolak"
        in text_of(page)
    )
    assert f"/kelola/acara/{open_event.code}/orang/{siti.pk}/ubah" in page.content.decode()


def test_what_is_uncertain_is_told_as_such(as_admin: Client, open_event: Event, smtp_server):
    ask(open_event)
    reminders.begin_due()
    reminders.Sender().claim(reminders.due(timezone.now()).get())
    assert "Sedang dikirim 0 0 0 1 4" in text_of(as_admin.get(chase(open_event, "/surel")))

    with at(timezone.now() + datetime.timedelta(minutes=4)):
        text = text_of(as_admin.get(chase(open_event, "/surel")))

    assert "Selesai 0 0 1 0 4" in text
    assert "tidak pasti: mungkin sampai, mungkin tidak" in text


def test_a_round_that_found_the_event_closed_says_so(as_admin: Client, open_event: Event):
    ask(open_event)
    events.close(open_event, by=None)
    tick()

    text = text_of(as_admin.get(chase(open_event, "/surel")))

    assert "Tidak dikirim acara sudah ditutup saat waktunya tiba" in text


def test_a_closed_event_takes_no_round(as_admin: Client, closed_event: Event):
    answer = as_admin.post(chase(closed_event, "/surel/kirim"), follow=True)

    assert "Acara tidak sedang dibuka" in text_of(answer)
    assert not ReminderRun.objects.exists()


def test_where_nobody_is_missing_nothing_is_asked(as_admin: Client, open_event: Event, city: City):
    for person in open_event.signatories.all():
        cast.sign(person)

    answer = as_admin.get(chase(open_event, "/surel/kirim"), follow=True)

    assert "Di Pemerintah Kota Contoh tidak ada yang perlu diingatkan." in text_of(answer)


def plan(client: Client, event: Event, days: object, **more: object):
    return client.post(chase(event, "/surel/jadwal"), {"days_before": days, **more}, follow=True)


def test_a_round_is_planned_listed_and_cancelled(as_officer: Client, open_event: Event, city: City):
    local = open_event.deadline.astimezone(open_event.zone) - datetime.timedelta(days=3)
    text = text_of(plan(as_officer, open_event, 3, unit=city.school.pk))
    assert "Pengingat dijadwalkan" in text
    assert f"{local:%Y} pukul 08.00 WIB 3 hari sebelum batas waktu SDN 1 Contoh" in text
    run = ReminderRun.objects.get()

    answer = as_officer.post(chase(open_event, f"/surel/{run.pk}/batal"), follow=True)

    assert "Pengingat itu dibatalkan" in text_of(answer)
    assert "Belum ada yang dijadwalkan." in text_of(answer)


def test_a_time_that_is_past_is_told_with_the_time(as_officer: Client, open_event: Event):
    answer = plan(as_officer, open_event, 30)

    assert answer.status_code == 422
    assert "pukul 08.00 WIB. Waktu itu sudah lewat." in text_of(answer)
    assert not ReminderRun.objects.exists()


@pytest.mark.parametrize("days", ["", "tiga", -1, 61, 10**30])
def test_days_that_make_no_sense_are_refused(as_officer: Client, open_event: Event, days: object):
    assert plan(as_officer, open_event, days).status_code == 422
    assert not ReminderRun.objects.exists()


def test_the_same_round_twice_is_told(as_officer: Client, open_event: Event):
    plan(as_officer, open_event, 2)

    answer = plan(as_officer, open_event, 2)

    assert answer.status_code == 422
    assert "Pengingat 2 hari sebelum batas waktu untuk Dinas Pendidikan sudah ada." in text_of(
        answer
    )


def test_a_unit_elsewhere_cannot_be_planned_for(as_officer: Client, open_event: Event, city: City):
    assert plan(as_officer, open_event, 3, unit=city.clinic.pk).status_code == 422


def test_an_officer_sees_a_round_of_the_whole_event_and_cannot_cancel_it(
    as_officer: Client, open_event: Event, city: City
):
    whole = reminders.plan(open_event, unit=city.agency, days_before=3, by=None)
    elsewhere = reminders.plan(open_event, unit=city.clinic, days_before=2, by=None)

    page = as_officer.get(chase(open_event, "/surel"))

    assert "3 hari sebelum batas waktu Pemerintah Kota Contoh" in text_of(page)
    assert "2 hari sebelum batas waktu Puskesmas Contoh" not in text_of(page)
    assert b">Batalkan</button>" not in page.content
    for run in (whole, elsewhere):
        answer = as_officer.post(chase(open_event, f"/surel/{run.pk}/batal"))
        assert answer.status_code == 404


def test_cancelling_what_has_begun_is_refused(as_admin: Client, open_event: Event):
    run = ask(open_event)
    reminders.begin_due()

    answer = as_admin.post(chase(open_event, f"/surel/{run.pk}/batal"), follow=True)

    assert "sudah mulai dikirim" in text_of(answer)


# On paper


def test_the_list_to_print_has_masked_numbers_and_room_for_a_note(
    as_officer: Client, open_event: Event, city: City
):
    page = as_officer.get(chase(open_event, "/cetak"))

    text = text_of(page)
    assert "3 orang, keadaan" in text
    assert "Dinas Pendidikan › SDN 1 Contoh 2 orang" in text
    assert "No. Nama NIP/NIK Jabatan Keterangan / paraf" in text
    assert "Siti Aminah, S.Pd." in text
    assert "Budi Santoso" not in text
    assert SITI not in text
    assert cast.someone(open_event).masked_identifier in text
    assert "oleh petugas@contoh.example" in text
    assert AuditEntry.objects.get(action="missing.print").details == {"people": 3}

    one = text_of(as_officer.get(chase(open_event, f"/cetak?unit={city.school.pk}")))
    assert "2 orang, keadaan" in one


# What a signing page tells


def test_opening_the_link_does_not_count_and_the_word_of_its_script_does(
    client: Client, siti: Signatory, officer: User
):
    whatsapp.remind(give_phone(siti), by=officer)
    page = client.get(f"/s/{identity.link_token(siti)}")
    assert b'data-opened="/dibuka"' in page.content
    assert not Signatory.objects.exclude(opened_at=None).exists()

    answer = client.post("/dibuka", {"ticket": page.context["ticket"]})

    assert (answer.status_code, answer.content) == (204, b"")
    assert Signatory.objects.exclude(opened_at=None).get() == siti
    assert b"data-opened" not in client.get(f"/s/{identity.link_token(siti)}").content


def test_who_was_not_reminded_is_not_asked_to_tell(client: Client, siti: Signatory):
    assert b"data-opened" not in client.get(f"/s/{identity.link_token(siti)}").content


def test_a_ticket_that_does_not_hold_tells_nothing(client: Client, siti: Signatory):
    ticket = cast.ticket_of(siti).seal()
    Signatory.objects.filter(pk=siti.pk).update(generation=2)

    for sealed in (ticket, "", "x" * 100):
        assert client.post("/dibuka", {"ticket": sealed}).status_code == 403
    assert client.get("/dibuka").status_code == 405
    siti.refresh_from_db()
    assert siti.opened_at is None
