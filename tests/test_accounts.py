"""Invitations: who gets an account, which role, and which e-mail."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from pledges import accounts
from pledges.accounts import Invitation, LastAdmin, OwnAccount, OwnRole, RoleHeldAlready
from pledges.adapters import AccountAdapter
from pledges.models import AuditEntry, Membership, Role
from tests.cast import PASSWORD, City, make_city, make_user
from tests.threads import at_once


def invite(city: City, admin: User, email: str = "rina@contoh.example") -> Membership:
    (membership,) = accounts.invite(
        [Invitation(email=email, name="Rina Contoh", unit=city.education)], by=admin
    )
    return membership


def test_an_invited_officer_gets_an_account_without_a_password_and_the_role(city, admin):
    membership = invite(city, admin, "Rina@Contoh.example")
    assert membership.user.email == "rina@contoh.example"
    assert membership.user.first_name == "Rina Contoh"
    assert not membership.user.has_usable_password()
    assert (membership.role, membership.agency) == (Role.OFFICER, city.education)
    entry = AuditEntry.objects.get(action="role.grant")
    assert entry.actor == f"user:{admin.pk}"
    assert entry.details == {
        "user": membership.user_id, "agency": city.education.pk, "role": "officer",
    }  # fmt: skip


def test_inviting_somebody_twice_gives_the_role_once(city, admin):
    invite(city, admin)
    again = accounts.invite(
        [Invitation("RINA@contoh.example", "Nama Lain", city.education)], by=admin
    )
    assert again == []
    assert User.objects.filter(email="rina@contoh.example").count() == 1


def test_the_email_leads_to_a_page_where_the_officer_sets_a_password(city, admin, mailoutbox):
    membership = invite(city, admin)
    assert accounts.send_invitations() == 1
    (message,) = mailoutbox
    assert message.to == ["rina@contoh.example"]
    assert "petugas unit kerja untuk Dinas Pendidikan" in message.body
    assert "berlaku 7 hari" in message.body
    link = re.search(rf"{settings.BASE_URL}(/akun/kata-sandi-baru/\S+)", message.body)
    assert link
    client = Client()
    page = client.get(link[1], follow=True)
    assert page.status_code == 200
    answer = client.post(
        page.redirect_chain[-1][0],
        {"password1": "kata-sandi-baru-99", "password2": "kata-sandi-baru-99"},
    )
    assert answer.status_code == 302
    membership.user.refresh_from_db()
    assert membership.user.check_password("kata-sandi-baru-99")


def test_the_link_is_void_once_a_password_was_set(city, admin, mailoutbox):
    membership = invite(city, admin)
    accounts.send_invitations()
    membership.user.set_password(PASSWORD)
    membership.user.save()
    link = re.search(r"/akun/kata-sandi-baru/\S+", mailoutbox[0].body)
    assert link
    page = Client().get(link[0])
    assert page.context["token_fail"]


def test_somebody_with_an_account_is_told_of_the_new_role_and_keeps_the_password(
    city, admin, mailoutbox
):
    user = make_user("lama@contoh.example", (Role.OFFICER, city.health))
    invite(city, admin, "lama@contoh.example")
    accounts.send_invitations()
    assert "/akun/masuk" in mailoutbox[0].body
    assert "kata-sandi-baru" not in mailoutbox[0].body
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_an_email_goes_out_once_until_it_is_asked_for_again(city, admin, mailoutbox):
    membership = invite(city, admin)
    assert accounts.send_invitations() == 1
    assert accounts.send_invitations() == 0
    membership.refresh_from_db()
    accounts.invite_again(membership, by=admin)
    assert accounts.send_invitations() == 1
    assert len(mailoutbox) == 2


def test_an_email_that_cannot_be_sent_stays_for_the_next_time_and_stops_no_other(
    city, admin, settings, caplog
):
    membership = invite(city, admin)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert accounts.send_invitations() == 0
    membership.refresh_from_db()
    assert membership.invitation_is_due


def test_a_name_with_markup_is_plain_text_in_the_email(city, admin, mailoutbox):
    accounts.invite(
        [Invitation("tuti@contoh.example", "Tuti <b>Contoh</b> & Rekan", city.health)], by=admin
    )
    accounts.send_invitations()
    assert "Yth. Tuti <b>Contoh</b> & Rekan," in mailoutbox[-1].body


def test_without_a_mail_server_emails_are_written_beside_the_data():
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "pakta.settings"}
    del environment["EMAIL_URL"]
    code = "from django.conf import settings; print(settings.EMAIL_FILE_PATH)"
    found = subprocess.run(
        [sys.executable, "-c", code],
        env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert found.stdout.strip() == str(settings.DATA_DIR / "mail")


def test_a_role_can_be_taken_away_and_the_audit_log_keeps_whose_it_was(city, admin):
    membership = invite(city, admin)
    accounts.remove(membership, by=admin)
    assert not Membership.objects.filter(user__email="rina@contoh.example").exists()
    assert AuditEntry.objects.get(action="role.remove").details["agency"] == city.education.pk


def test_nobody_takes_their_own_role_away(admin):
    with pytest.raises(OwnRole):
        accounts.remove(admin.memberships.get(), by=admin)
    assert admin.memberships.count() == 1


def test_nobody_can_sign_up_on_their_own():
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")
    assert AccountAdapter().is_open_for_signup(HttpRequest()) is False


def test_a_line_break_in_the_name_of_an_agency_holds_up_no_invitation(city, admin, mailoutbox):
    city.education.name = "Dinas\nPendidikan"
    city.education.save(update_fields=["name"])
    invite(city, admin)
    assert accounts.send_invitations() == 1
    assert (
        mailoutbox[0].subject
        == "Anda ditunjuk sebagai petugas unit kerja di Pakta – Dinas Pendidikan"
    )


# Roles changed


def test_a_role_is_changed_and_its_holder_told_by_email(city, admin, mailoutbox):
    membership = invite(city, admin)
    accounts.send_invitations()
    accounts.change(membership, role=Role.OVERSEER, unit=city.health, by=admin)
    held = Membership.objects.get(user=membership.user)
    assert (held.role, held.agency) == (Role.OVERSEER, city.health)
    assert accounts.send_invitations() == 1
    assert "sebagai pengawas untuk Dinas Kesehatan" in mailoutbox[-1].body
    entry = AuditEntry.objects.get(action="role.change")
    assert entry.details == {
        "user": held.user_id, "agency": city.health.pk, "role": "overseer",
        "was_agency": city.education.pk, "was_role": "officer",
    }  # fmt: skip


def test_a_role_that_stays_what_it_was_is_no_change(city, admin):
    membership = invite(city, admin)
    accounts.change(membership, role=Role.OFFICER, unit=city.education, by=admin)
    assert not AuditEntry.objects.filter(action="role.change").exists()


def test_a_role_is_not_changed_into_one_that_is_held_already(city, admin):
    user = make_user(
        "ganda@contoh.example", (Role.OFFICER, city.education), (Role.OVERSEER, city.education)
    )
    with pytest.raises(RoleHeldAlready):
        accounts.change(
            user.memberships.get(role=Role.OFFICER),
            role=Role.OVERSEER, unit=city.education, by=admin,
        )  # fmt: skip
    assert user.memberships.count() == 2


def test_nobody_changes_their_own_role(city, admin):
    with pytest.raises(OwnRole):
        accounts.change(admin.memberships.get(), role=Role.OFFICER, unit=city.agency, by=admin)
    assert admin.memberships.get().role == Role.ADMIN


# The last admin


def test_an_agency_keeps_its_last_admin(city, admin, superuser):
    last = admin.memberships.get()
    with pytest.raises(LastAdmin, match="Pemerintah Kota Contoh akan tidak mempunyai admin lagi"):
        accounts.deactivate(admin, by=superuser)
    with pytest.raises(LastAdmin):
        accounts.remove(last, by=superuser)
    with pytest.raises(LastAdmin):
        accounts.change(last, role=Role.OFFICER, unit=city.agency, by=superuser)
    admin.refresh_from_db()
    assert admin.is_active
    assert admin.memberships.get().role == Role.ADMIN


def test_whoever_cannot_log_in_is_no_admin_to_rely_on(city, admin, superuser):
    invited = Invitation("baru@contoh.example", "Baru", city.agency, Role.ADMIN)
    accounts.invite([invited], by=superuser)
    switched_off = make_user("lama@contoh.example", (Role.ADMIN, city.agency))
    accounts.deactivate(switched_off, by=superuser)
    with pytest.raises(LastAdmin):
        accounts.deactivate(admin, by=superuser)


def test_an_admin_above_will_do(city, admin):
    head = make_user("kadis@contoh.example", (Role.ADMIN, city.education))
    accounts.deactivate(head, by=admin)
    head.refresh_from_db()
    assert not head.is_active


def test_an_admin_beside_or_below_will_not(city, admin, superuser):
    make_user("kadis@contoh.example", (Role.ADMIN, city.education))
    with pytest.raises(LastAdmin):
        accounts.deactivate(admin, by=superuser)


def test_nobody_switches_their_own_account_off(admin, superuser):
    with pytest.raises(OwnAccount):
        accounts.deactivate(admin, by=admin)
    admin.refresh_from_db()
    assert admin.is_active


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_switch_each_other_off_leave_one():
    city = make_city()
    one, other = (
        make_user(f"admin{number}@contoh.example", (Role.ADMIN, city.agency)) for number in "12"
    )

    found = at_once(
        [lambda: accounts.deactivate(one, by=other), lambda: accounts.deactivate(other, by=one)]
    )
    assert sorted(type(each).__name__ for each in found) == ["LastAdmin", "NoneType"]
    assert User.objects.filter(is_active=True).count() == 1


# Switched off


def test_an_invitation_waits_until_a_switched_off_account_is_active_again(city, admin, mailoutbox):
    membership = invite(city, admin)
    accounts.deactivate(membership.user, by=admin)
    assert accounts.send_invitations() == 0
    accounts.activate(membership.user, by=admin)
    assert accounts.send_invitations() == 1
    found = AuditEntry.objects.filter(action__startswith="account.").order_by("pk")
    assert [(entry.action, entry.target) for entry in found] == [
        ("account.deactivate", f"user:{membership.user_id}"),
        ("account.activate", f"user:{membership.user_id}"),
    ]


def test_every_change_that_is_told_by_email_has_its_words(admin, mailoutbox):
    for change in accounts.CHANGES:
        accounts.tell_of_change(admin, change)
    assert len({message.body for message in mailoutbox}) == len(accounts.CHANGES)
