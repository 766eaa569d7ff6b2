from __future__ import annotations

import re

from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client

from pledges.models import Signatory
from tests.pages import text_of


def test_the_shell_says_what_happened_and_that_it_goes_on_by_itself(client: Client):
    response = client.get("/luring")
    assert response.status_code == 200
    assert "Belum tersambung" in text_of(response)
    assert "mencoba lagi sendiri" in text_of(response)


def test_the_shell_is_the_same_for_everybody_and_asks_the_database_nothing(
    client: Client, siti: Signatory, django_assert_num_queries
):
    with django_assert_num_queries(0):
        pages = {client.get("/luring").content, Client().get("/luring").content}
    assert len(pages) == 1


def test_the_worker_keeps_the_shell_and_each_file_that_the_shell_names(client: Client):
    worker = client.get("/sw.js").content.decode()
    shell = client.get("/luring").content.decode()
    named = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', shell))
    assert set(re.findall(r'"(/static/[^"]+)"', worker)) == named
    assert '"/luring"' in worker


def test_the_worker_is_asked_for_anew_and_serves_the_whole_site(client: Client):
    response = client.get("/sw.js")
    assert response["Content-Type"] == "text/javascript"
    assert response["Cache-Control"] == "no-cache"


def test_the_worker_has_another_version_when_a_file_of_the_shell_has_another_name(
    client: Client, monkeypatch
):
    def version() -> str:
        found = re.search(r'"pakta-([0-9a-f]{12})"', client.get("/sw.js").content.decode())
        assert found
        return found[1]

    before = version()
    assert version() == before
    monkeypatch.setattr(staticfiles_storage, "base_url", "/static/of-another-version/")
    assert version() != before
