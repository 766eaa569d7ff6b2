"""What operators do to an account over which there is no admin, the last admin's say."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django_tasks_db.models import DBTaskResult

from pledges import second_factors
from pledges.models import AuditEntry
from tests.second_steps import log_in
from tests.test_second_factors import give_app


def test_the_factors_of_a_superuser_are_taken_away_and_the_owner_told(superuser):
    give_app(superuser)
    out = io.StringIO()
    call_command("account", "reset_second_factor", "Pengelola@contoh.example", stdout=out)
    assert out.getvalue() == "reset_second_factor pengelola@contoh.example\n"
    assert not second_factors.steps(superuser).exists()
    assert AuditEntry.objects.get(action="second_factor.reset").actor == "system"
    task = DBTaskResult.objects.get()
    assert task.args_kwargs["args"] == [superuser.pk, "second_factors_reset"]


def test_a_superuser_who_leaves_is_switched_off_and_on_again(superuser):
    browser = Client()
    log_in(browser, superuser.email)
    call_command("account", "deactivate", superuser.email, stdout=io.StringIO())
    assert browser.get("/admin/").status_code == 302
    assert log_in(Client(), superuser.email)["Location"] == "/akun/tidak-aktif"
    call_command("account", "activate", superuser.email, stdout=io.StringIO())
    assert log_in(Client(), superuser.email)["Location"] == "/kelola/"


def test_an_account_is_logged_out_everywhere(superuser):
    browser = Client()
    log_in(browser, superuser.email)
    call_command("account", "log_out", superuser.email, stdout=io.StringIO())
    assert browser.get("/admin/").status_code == 302


def test_the_last_admin_stays(admin):
    with pytest.raises(CommandError, match="tidak mempunyai admin lagi"):
        call_command("account", "deactivate", admin.email)
    assert not DBTaskResult.objects.exists()


def test_an_address_that_is_nobodys_is_told(db):
    with pytest.raises(CommandError, match="Tidak ada akun dengan alamat surel x@"):
        call_command("account", "log_out", "x@contoh.example")
