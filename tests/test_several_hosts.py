"""Two web hosts and two workers on one PostgreSQL and one object store, as real processes."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from pakta import turns
from pledges import events, health, identity
from pledges.documents.issue import issue
from pledges.models import AuditEntry, Document, Event, Heartbeat, Role, Signature
from tests import cast, hosts
from tests.conftest import process_environment
from tests.hosts import Environment, Web
from tests.object_store import ObjectStore
from tests.test_command_seal_pending import wait_for

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="several hosts need PostgreSQL"),
]

PEOPLE = 16


@pytest.fixture
def runtime(transactional_db: None) -> Iterator[str]:
    """The address of the database for a role that owns nothing."""
    role = f"pakta_{secrets.token_hex(4)}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'sandi'")
        call_command("grant_runtime", role=role)
        whole = urlsplit(process_environment()["DATABASE_URL"])
        place = f"{role}:sandi@{whole.netloc.rpartition('@')[2]}"
        yield urlunsplit(whole._replace(netloc=place))
        cursor.execute(f"DROP OWNED BY {role}")
        cursor.execute(f"DROP ROLE {role}")


@pytest.fixture
def everywhere(runtime: str, objects: ObjectStore) -> dict[str, str]:
    """What all hosts are told."""
    return process_environment() | {"DATABASE_URL": runtime}


@pytest.fixture
def without_key(everywhere: dict[str, str], tmp_path: Path) -> Environment:
    return everywhere | {"SEAL_PKCS12": str(tmp_path / "none.p12"), "DATA_DIR": str(tmp_path)}


@pytest.fixture
def event(transactional_db: None) -> Event:
    city = cast.make_city()
    event = cast.make_draft(city)
    for number in range(PEOPLE - event.signatories.count()):
        cast.make_person(
            event, unit=city.school, name=f"Pegawai Contoh {number}", nip=f"19850101{number:010}"
        )
    return events.publish(event, by=None)


def test_two_webs_and_two_workers_on_one_database_and_one_object_store(
    everywhere, without_key, event, objects, sealer
):
    """Each signature has one document, whoever took it and whoever sealed it."""
    links = [f"/s/{identity.link_token(person)}" for person in event.signatories.all()]
    admin = cast.make_user("admin@contoh.example", (Role.ADMIN, event.agency))
    with ExitStack() as running:
        webs = [running.enter_context(hosts.web(without_key)) for _ in range(2)]
        for _ in range(2):
            running.enter_context(hosts.worker(everywhere))
        for web in webs:
            web.wait()
        told = sign_at_both(webs, links)
        wait_for(lambda: Document.objects.count() == PEOPLE, seconds=120)

        assert not Signature.objects.unsealed().exists()
        for at, each in enumerate(told):
            # Taken away at the other host than the one where it was signed.
            pdf = webs[(at + 1) % 2].get(f"{each['receipt']}/pakta.pdf").body
            document = Document.objects.get(signature__verification_code=each["code"])
            assert hashlib.sha256(pdf).hexdigest() == document.sha256
        cookie = session_of(admin)
        pages = [web.get(f"/kelola/acara/{event.code}/", Cookie=cookie) for web in webs]
        assert [page.status for page in pages] == [200, 200]
        ready = [web.get("/readyz") for web in webs]

    assert [(each.status, each.json["storage"], each.json["sealing"]) for each in ready] == [
        (200, True, True), (200, True, True),
    ]  # fmt: skip
    sealed = [name for name in objects.names if name.startswith("documents/")]
    assert sorted(sealed) == sorted(Document.objects.values_list("file", flat=True))
    assert Signature.objects.count() == PEOPLE
    assert AuditEntry.objects.filter(action="signature.sign").count() == PEOPLE
    assert Heartbeat.objects.filter(name=health.SEALING).exists()


def test_whoever_waits_for_a_store_that_hangs_holds_up_nobody_who_signs(
    without_key, event, objects, sealer
):
    first, second = (identity.link_token(person) for person in event.signatories.all()[:2])
    with ExitStack() as running:
        web = running.enter_context(hosts.web(without_key))
        web.wait()
        receipt = web.sign(f"/s/{first}")["receipt"]
        issue(Signature.objects.get(), sealer=sealer)
        phones = running.enter_context(ThreadPoolExecutor(turns.ASIDE))
        with objects.hanging():
            downloads = [phones.submit(web.get, f"{receipt}/pakta.pdf") for _ in range(turns.ASIDE)]
            time.sleep(2)
            signed, alive = web.sign(f"/s/{second}"), web.get("/healthz")
            assert not any(download.done() for download in downloads)

        assert (signed["state"], alive.body) == ("signed", b"ok")
        # In time, or told to try again.
        assert {download.result(60).status for download in downloads} <= {200, 503}
    assert Signature.objects.count() == 2


def sign_at_both(webs: list[Web], links: list[str]) -> list[dict[str, str]]:
    """Eight at a time, one here, the next one there; and each delivers twice, once to each."""

    def sign(at: int) -> dict[str, str]:
        here, there = webs[at % 2], webs[(at + 1) % 2]
        letter = here.letter(links[at])
        told, again = here.deliver(letter), there.deliver(letter)
        assert (told.status, again.json["code"]) == (200, told.json["code"])
        answer: dict[str, str] = told.json
        return answer

    with ThreadPoolExecutor(8) as people:
        return list(people.map(sign, range(len(links))))


def session_of(user) -> str:
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
