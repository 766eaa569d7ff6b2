"""Each way to prove identity, through its own pages, ends in a sealed PDF that names it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from pledges import desks, identity
from pledges.documents.seal import Sealer
from pledges.models import Event, Signatory, Way
from tests import cast, pdfs
from tests.cast import City
from tests.mail_server import MailServer
from tests.openid import come_back, log_in_at, login_server, make_provider
from tests.test_mailed import code_in
from tests.views import test_delivery, test_mailed
from tests.views.test_signer import FORM, ticket_in

__all__ = ["login_server"]


@pytest.fixture(autouse=True)
def nothing_remembered(db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def event(city: City) -> Event:
    return cast.make_open(city, ways=Way.values)


@pytest.fixture
def siti(event: Event, officer: User) -> Signatory:
    """Her slip was printed by Rina."""
    officer.first_name, officer.last_name = "Rina", "Contoh"
    officer.save()
    identity.hand_out(Signatory.objects.filter(nip=cast.SITI), by=officer)
    return cast.someone(event)


@pytest.fixture
def signs(client: Client, siti: Signatory, sealer: Sealer) -> Callable[[str], str]:
    """Signs with a ticket; returns what the document says."""

    def sign(ticket: str) -> str:
        assert client.post("/tandatangan", {"ticket": ticket} | FORM).status_code == 303
        return pdfs.words(pdfs.sealed(siti.signatures.get(), sealer))

    return sign


def test_a_personal_link_and_who_distributed_it_are_named_on_the_document(
    client: Client, siti: Signatory, signs: Callable[[str], str]
):
    page = client.get(f"/s/{identity.link_token(siti)}")
    assert "melalui tautan pribadi yang dibagikan oleh Rina Contoh" in signs(ticket_in(page))


def test_a_personal_code_and_who_distributed_it_are_named_on_the_document(
    client: Client, siti: Signatory, signs: Callable[[str], str]
):
    form = {"identifier": cast.SITI, "code": identity.personal_code(siti)}
    page = client.post(f"/a/{siti.event.code}", form)
    assert "dengan NIP dan kode pribadi yang dibagikan oleh Rina Contoh" in signs(ticket_in(page))


def test_a_code_by_email_and_the_masked_address_are_named_on_the_document(
    client: Client, siti: Signatory, smtp_server: MailServer, signs: Callable[[str], str]
):
    page = test_mailed.ask(client, siti.event)
    test_mailed.work_through_tasks()
    page = test_mailed.type_code(client, siti.event, page, code_in(smtp_server))
    document = signs(ticket_in(page))
    assert "dengan kode sekali pakai yang dikirim ke surel s•••@contoh.example" in document
    assert "siti@contoh.example" not in document


def test_a_login_and_its_provider_are_named_on_the_document(
    client: Client, city: City, siti: Signatory, login_server: str, signs: Callable[[str], str]
):
    make_provider(city.agency, login_server)
    address = client.get(f"/a/{siti.event.code}/login")["Location"]
    page = come_back(client, log_in_at(address, "siti"))
    assert "melalui login SSO Kota Contoh" in signs(ticket_in(page))


def test_the_officer_of_a_desk_is_named_on_the_document(
    client: Client, siti: Signatory, officer: User, city: City, sealer: Sealer
):
    desk = desks.start(siti.event, city.education, pin="482913", by=officer)
    _, ticket = desks.attest(desk, siti.pk, pin="482913")
    entry = test_delivery.entry_of(siti, ticket=ticket.seal())
    assert test_delivery.deliver(client, entry).json()["state"] == "signed"
    document = pdfs.words(pdfs.sealed(siti.signatures.get(), sealer))
    assert "identitasnya diperiksa oleh petugas Rina Contoh, Dinas Pendidikan" in document
