"""What the log and Prometheus learn of requests, and what they never do."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from prometheus_client import REGISTRY

from pakta import logs
from pledges import accounts, identity, notices, signing
from pledges.accounts import Invitation
from pledges.models import Event, Signatory, Way
from tests import cast
from tests.cast import City
from tests.mail_server import DATA, MailServer
from tests.openid import LyingProvider, liar, make_provider
from tests.test_mailed import code_in, other
from tests.test_openid import round_trip
from tests.views.test_account import log_in, reset_link
from tests.views.test_mailed import ask, type_code, work_through_tasks
from tests.views.test_roster import uploaded
from tests.views.test_signer import FORM, enter, link_of, receipt_of, submit, ticket_in

__all__ = ["liar"]


@dataclass
class Log:
    """Every line of every logger, as production writes it."""

    stream: io.StringIO = field(default_factory=io.StringIO)

    @property
    def text(self) -> str:
        """Also as somebody reads it who takes the lines apart."""
        return self.stream.getvalue() + "".join(str(line) for line in self.lines)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def of(self, logger: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["logger"] == logger]


@pytest.fixture
def log() -> Iterator[Log]:
    found = Log()
    handler = logging.StreamHandler(found.stream)
    handler.setFormatter(logs.Json())
    root, access = logging.getLogger(), logging.getLogger("pakta.access")
    before = root.level, access.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    access.setLevel(logging.INFO)
    yield found
    root.removeHandler(handler)
    root.setLevel(before[0])
    access.setLevel(before[1])


@pytest.fixture
def event(city: City) -> Event:
    return cast.make_open(city, ways=[Way.SLIP, Way.EMAIL, Way.LOGIN])


@pytest.fixture
def siti(event: Event) -> Signatory:
    return cast.someone(event)


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


# The line of a request


def test_a_request_is_one_line_with_its_route_status_and_duration(
    client: Client, log: Log, siti: Signatory
):
    client.get(link_of(siti))

    [line] = log.of("pakta.access")
    assert line.pop("milliseconds") > 0
    assert len(line.pop("request")) == 16
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO", "logger": "pakta.access", "message": "GET signer:link 200",
        "route": "signer:link", "method": "GET", "status": 200,
    }  # fmt: skip


def test_it_names_the_event_by_its_code_and_who_is_logged_in_by_number(
    as_admin: Client, log: Log, event: Event, admin: User
):
    as_admin.get(f"/kelola/acara/{event.code}/")

    [line] = log.of("pakta.access")
    assert (line["route"], line["event"], line["user"]) == (
        "organiser:event", event.code, admin.pk,
    )  # fmt: skip


def test_logging_in_and_failing_to_are_told_and_who_it_was_by_number(
    client: Client, log: Log, admin: User
):
    log_in(client, password="salah-sekali-ini")
    log_in(client)

    failed, succeeded = log.of("pakta.access")
    assert (failed["message"], failed.get("user")) == ("POST account_login 200", None)
    assert (succeeded["message"], succeeded["user"]) == ("POST account_login 302", admin.pk)


def test_a_wrong_code_is_told_with_its_event(client: Client, log: Log, event: Event):
    enter(client, event, cast.SITI, "AAAAA-AAAAA")

    [line] = log.of("pledges.guesses")
    assert line["message"] == f"a wrong code at event {event.code}"


def test_the_log_asks_the_database_nothing(
    client: Client, log: Log, db: None, django_assert_num_queries
):
    with django_assert_num_queries(0):
        client.get("/healthz")
        client.get("/tidak/ada")


def test_lines_of_one_request_belong_together(client: Client, log: Log, db: None):
    client.get("/s/18-AEZ88PJB5WBKPKH6567VQMMWTD")

    warned, told = log.of("django.request"), log.of("pakta.access")
    assert warned[0]["message"] == "Not Found: signer:link"
    assert warned[0]["request"] == told[0]["request"]


def test_probes_are_told_only_when_they_fail(client: Client, log: Log, db: None):
    client.get("/healthz")
    assert log.of("pakta.access") == []

    client.get("/readyz")
    client.get("/tidak/ada")
    assert [line["status"] for line in log.of("pakta.access")] == [503, 404]


def test_whatever_stands_in_a_path_or_query_nobody_logs_it(client: Client, log: Log, db: None):
    client.get("/Siti%20Aminah/K7Q2X-F9M4R?nip=198001012005012001")
    client.get("/v/K7Q2XF9M4R?nama=Siti")
    client.get("/a/Siti%20Aminah")

    assert "Siti" not in log.text
    assert "K7Q2X" not in log.text
    assert cast.SITI not in log.text


# A whole day of it


def test_a_whole_flow_leaves_no_personal_data_token_or_code_in_the_log(
    client: Client,
    log: Log,
    event: Event,
    siti: Signatory,
    admin: User,
    city: City,
    liar: LyingProvider,
    smtp_server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
):
    """By link, by code and by e-mail, with wrong codes; an organiser's login and file; mail that
    is refused, a login elsewhere that fails, and errors that quote what they met."""
    client.raise_request_exception = False
    make_provider(city.agency, liar.url)
    secrets = {
        cast.SITI, cast.BUDI, cast.RAHMAT_NIK, "Siti", "Budi", "Rahmat", "contoh.example",
        cast.PASSWORD, settings.SECRET_KEY, settings.CODES_KEY, cast.DRAWING, liar.url,
    }  # fmt: skip

    # Signing by link and by code.
    page = client.get(link_of(siti))
    secrets |= {identity.link_token(siti).partition("-")[2], ticket_in(page)}
    enter(client, event, cast.BUDI, "ABCDE-FGHJK")
    code = identity.personal_code(cast.someone(event, cast.BUDI))
    page = enter(client, event, cast.BUDI, code)
    secrets |= {"ABCDE", "FGHJK", *code.split("-"), ticket_in(page)}
    client.post("/tandatangan", {"ticket": ticket_in(page)} | FORM)
    client.post("/tandatangan", {"ticket": "Siti-Aminah"} | FORM)

    # By e-mail: refused once, then with a wrong code and with the right one.
    smtp_server.at("siti@contoh.example", DATA, "451 4.3.0 no room for siti@contoh.example")
    ask(client, event)
    work_through_tasks()
    smtp_server.forgive()
    page = ask(client, event)
    work_through_tasks()
    code = code_in(smtp_server)
    secrets |= {code, other(code), code[:4] + " " + code[4:]}
    type_code(client, event, page, other(code))
    page = type_code(client, event, page, code)
    secrets.add(ticket_in(page))
    assert client.post("/tandatangan", {"ticket": ticket_in(page)} | FORM).status_code == 303
    receipt = receipt_of(siti.signatures.get())
    secrets.add(receipt.rpartition("-")[2])
    client.get(receipt)
    client.get(f"{receipt}X")
    smtp_server.refuse("siti@contoh.example")
    notices.Sender().round()

    # By another server's login, which lies.
    liar.claims = {"nonce": "bukan-yang-ditanyakan", "nip": cast.SITI, "name": "Siti Aminah"}
    assert round_trip(client, event).status_code == 403
    client.get("/login/pemkot?code=rahasia-sekali&state=x")
    secrets.add("rahasia-sekali")

    # An organiser: wrong password, a link for a new one, login, a file, an invitation.
    log_in(client, password="salah-sekali-ini")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    link = reset_link(client)
    client.get("/akun/kata-sandi-baru" + link.partition("/akun/kata-sandi-baru")[2])
    assert log_in(client).status_code == 302
    secrets |= {"salah-sekali-ini", link.rpartition("-")[2], client.cookies["pakta_session"].value}
    uploaded(client, event)
    client.get(f"/kelola/acara/{event.code}/progres/orang?q=Siti+Aminah")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    smtp_server.refuse("baru@contoh.example")
    accounts.invite([Invitation("baru@contoh.example", "Siti Baru", city.school)], by=None)
    accounts.send_invitations()

    # A fault in the middle of it, with people at hand.
    def fails(*_: object, **__: object) -> None:
        person, number = siti.name, siti.nip
        raise ValueError(f"Key (nip)=({number}) of {person} already exists")

    monkeypatch.setattr(signing, "texts_of", fails)
    assert submit(client, siti).status_code == 500

    assert {line["logger"] for line in log.lines} >= {
        "pakta.access", "django.request", "pledges.mailed", "pledges.mailing", "pledges.accounts",
        "pledges.openid",
    }  # fmt: skip
    [fault] = [line for line in log.of("django.request") if line["level"] == "ERROR"]
    assert fault["message"] == "Internal Server Error: signer:submit"
    assert fault["error"].endswith("ValueError")
    assert not {secret for secret in secrets if secret in log.text}
