"""The way back in for the last admin, as operators go it."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django_tasks_db.models import DBTaskResult

from pledges import second_factors
from pledges.models import AuditEntry
from tests.test_second_factors import give_app


def test_it_takes_the_factors_of_an_account_away_and_tells_its_owner(superuser):
    give_app(superuser)
    out = io.StringIO()
    call_command("reset_second_factor", "Pengelola@contoh.example", stdout=out)
    assert out.getvalue() == "reset pengelola@contoh.example\n"
    assert not second_factors.steps(superuser).exists()
    assert AuditEntry.objects.get(action="second_factor.reset").actor == "system"
    task = DBTaskResult.objects.get()
    assert task.args_kwargs["args"] == [superuser.pk, "second_factors_reset"]


def test_an_address_that_is_nobodys_is_told(db):
    with pytest.raises(CommandError, match="Tidak ada akun dengan alamat surel x@"):
        call_command("reset_second_factor", "x@contoh.example")
