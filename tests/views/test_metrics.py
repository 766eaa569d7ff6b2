"""What Prometheus is told at /metrics, and that nobody else is."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import yaml
from django.conf import settings as project
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from pledges import health, identity, mailed
from pledges.documents.issue import issue
from pledges.documents.seal import Sealer
from pledges.models import Document, Event, Heartbeat, Notice, Reminder, Signature, Way
from tests import cast
from tests.pdfs import sealer
from tests.views.test_signer import enter, link_of, submit

__all__ = ["sealer"]

TOKEN = "rahasia-prometheus-untuk-uji"


@pytest.fixture
def metrics_token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def asked(client: Client) -> str:
    answer = client.get("/metrics", HTTP_AUTHORIZATION=f"Bearer {TOKEN}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def sample(text: str, name: str, **labels: str) -> float | None:
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            if one.name == name and labels.items() <= one.labels.items():
                return float(one.value)
    return None


@pytest.mark.parametrize("header", [None, "", "Bearer ", "Bearer salah", TOKEN, f"Basic {TOKEN}"])
def test_without_the_token_there_is_no_such_page(client, db, metrics_token, header):
    given = {} if header is None else {"HTTP_AUTHORIZATION": header}

    assert client.get("/metrics", **given).status_code == 404


@pytest.mark.parametrize("header", ["Bearer ", "Bearer None", "Bearer"])
def test_where_no_token_is_set_nobody_has_it(client, db, header):
    assert client.get("/metrics", HTTP_AUTHORIZATION=header).status_code == 404


def test_prometheus_is_not_led_to_https_and_no_cache_keeps_its_answer(
    client, db, metrics_token, settings
):
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/metrics", HTTP_AUTHORIZATION=f"Bearer {TOKEN}")

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_the_backlog_and_the_age_of_its_oldest_are_told(
    client, metrics_token, open_event: Event, sealer: Sealer
):
    old = cast.sign(cast.someone(open_event))
    cast.sign(cast.someone(open_event, cast.BUDI))
    Signature.objects.filter(pk=old.pk).update(signed_at=timezone.now() - timedelta(minutes=10))
    text = asked(client)
    assert sample(text, "pakta_signatures") == 2
    assert sample(text, "pakta_unsealed_signatures") == 2
    assert sample(text, "pakta_oldest_unsealed_seconds") == pytest.approx(600, abs=30)

    issue(old, sealer=sealer)
    text = asked(client)
    assert sample(text, "pakta_unsealed_signatures") == 1
    assert sample(text, "pakta_oldest_unsealed_seconds") == pytest.approx(0, abs=60)
    assert sample(text, "pakta_documents", kind="pact") == 1


def test_each_workers_sign_of_life_is_told_by_its_age(client, metrics_token, db):
    health.Pulse(health.SEALING).beat()
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=4), host="pekerja-2")

    age = sample(asked(client), "pakta_heartbeat_age_seconds", worker="seal_pending")

    assert age == pytest.approx(240, abs=30)


def test_an_authority_that_gives_no_timestamps_is_told_and_is_no_worker(client, metrics_token, db):
    assert sample(asked(client), "pakta_timestamps_missed") == 0
    health.Pulse(health.UNSTAMPED).beat()
    text = asked(client)
    assert sample(text, "pakta_timestamps_missed") == 1
    assert sample(text, "pakta_heartbeat_age_seconds", worker=health.UNSTAMPED) is None

    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=4))
    assert sample(asked(client), "pakta_timestamps_missed") == 0


def test_documents_without_a_timestamp_are_counted(
    client, metrics_token, open_event: Event, sealer: Sealer
):
    for nip in (cast.SITI, cast.BUDI):
        issue(cast.sign(cast.someone(open_event, nip)), sealer=sealer)
    Document.objects.filter(signature__signatory__nip=cast.SITI).update(
        timestamped_at=timezone.now()
    )

    assert sample(asked(client), "pakta_documents_without_timestamp", kind="pact") == 1


def test_a_signature_is_timed(client, metrics_token, open_event: Event):
    before = sample(asked(client), "pakta_signing_seconds_count") or 0
    assert submit(client, cast.someone(open_event)).status_code == 303

    assert sample(asked(client), "pakta_signing_seconds_count") == before + 1


def test_wrong_codes_are_counted_and_right_ones_are_not(client, metrics_token, open_event: Event):
    before = sample(asked(client), "pakta_wrong_codes_total") or 0
    for _ in range(3):
        enter(client, open_event, cast.SITI, "AAAAA-AAAAA")
    right = identity.personal_code(cast.someone(open_event))
    enter(client, open_event, cast.SITI, right)

    assert sample(asked(client), "pakta_wrong_codes_total") == before + 3


def test_wrong_codes_by_email_are_counted_too(client, metrics_token, open_event: Event):
    Event.objects.update(ways=[Way.EMAIL])
    event = Event.objects.get()
    before = sample(asked(client), "pakta_wrong_codes_total") or 0
    question = mailed.ask(event, identifier=cast.SITI)
    with pytest.raises(mailed.WrongEmailCode):
        mailed.by_email_code(event, question=question.sealed, code="00000000")

    assert sample(asked(client), "pakta_wrong_codes_total") == before + 1


def test_requests_are_counted_by_view_and_status_and_by_nothing_that_the_sender_makes_up(
    client, metrics_token, open_event: Event
):
    client.get(link_of(cast.someone(open_event)))
    client.generic("SITI", "/v/SITIAMINAH")
    client.get("/Siti%20Aminah")
    text = asked(client)

    name = "django_http_responses_total_by_status_view_method_total"
    assert sample(text, name, view="signer:link", status="200", method="GET")
    assert sample(text, name, view="public:verdict", status="405", method="other")
    assert sample(text, name, view="-", status="404", method="GET")
    seconds = "django_http_requests_latency_seconds_by_view_method_count"
    assert sample(text, seconds, view="signer:link")
    assert "siti" not in text.lower()


def test_mails_are_told_by_kind_and_state(client, metrics_token, open_event: Event):
    signature = cast.sign(cast.someone(open_event))
    [notice] = Notice.objects.all()
    assert notice.signature == signature
    budi, now = cast.someone(open_event, cast.BUDI), timezone.now()
    for day, sent, error in ((1, now, ""), (2, None, "SMTPRecipientsRefused 550"), (3, None, "")):
        Reminder.objects.create(
            signatory=budi, channel="email", day=f"2024-07-0{day}",
            claimed_at=now, sent_at=sent, error=error,
        )  # fmt: skip
    text = asked(client)

    assert sample(text, "pakta_mails", kind="notice", state="waiting") == 1
    assert sample(text, "pakta_mails", kind="reminder", state="sent") == 1
    assert sample(text, "pakta_mails", kind="reminder", state="refused") == 1
    assert sample(text, "pakta_mails", kind="reminder", state="uncertain") == 1
    assert sample(text, "pakta_mails", kind="reminder", state="waiting") == 0


def test_a_database_that_is_away_is_told_and_the_rest_still_is(client, metrics_token, db):
    def away(*_: object) -> None:
        raise OperationalError("server closed the connection")

    assert sample(asked(client), "pakta_database_answers") == 1
    with connection.execute_wrapper(away):
        text = asked(client)

    assert sample(text, "pakta_database_answers") == 0
    assert sample(text, "pakta_unsealed_signatures") is None
    assert "django_http_responses" in text


def test_a_scrape_asks_the_same_queries_however_many_sign(
    client, metrics_token, open_event: Event, django_assert_num_queries
):
    with django_assert_num_queries(10):
        asked(client)
    for nip in (cast.SITI, cast.BUDI):
        cast.sign(cast.someone(open_event, nip))
    with django_assert_num_queries(10):
        asked(client)


def test_no_label_is_about_a_person(client, metrics_token, open_event: Event):
    for nip in (cast.SITI, cast.BUDI):
        cast.sign(cast.someone(open_event, nip))
    health.Pulse(health.SEALING).beat()

    families = list(text_string_to_metric_families(asked(client)))

    labels = {label for one in families for sample in one.samples for label in sample.labels}
    assert labels - {"implementation", "major", "minor", "patchlevel", "version", "generation"} == {
        "status", "view", "method", "le", "kind", "state", "worker", "host",
    }  # fmt: skip


PROMETHEUS = project.BASE_DIR / "deploy" / "prometheus"
NAMES = re.compile(r"\b(?:pakta|django)_\w+")


def test_each_alert_and_the_documentation_ask_for_numbers_that_there_are(
    client, metrics_token, open_event: Event
):
    submit(client, cast.someone(open_event))
    health.Pulse(health.SEALING).beat()
    told = set(NAMES.findall(asked(client)))
    told |= {f"pakta_sealing_{name}_total" for name in ("documents", "failures", "laid_out")}
    rules = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"][0]["rules"]
    guide = (project.BASE_DIR / "docs" / "operasi.md").read_text()
    guide = guide.partition("## Pemantauan")[2].partition("\n## ")[0]

    assert len(rules) > 8
    for rule in rules:
        assert set(NAMES.findall(rule["expr"])) <= told, rule["alert"]
        assert rule["annotations"]["summary"].strip()
    assert set(re.findall(r"`((?:pakta|django)_\w+)`", guide)) <= told


def test_the_example_asks_the_page_that_there_is_and_shows_the_token():
    example = yaml.safe_load((PROMETHEUS / "pakta.yml").read_text())
    web = next(one for one in example["scrape_configs"] if one["job_name"] == "pakta")

    assert web.get("metrics_path", "/metrics") == reverse("public:metrics")
    assert web["authorization"] == {"credentials_file": "/etc/prometheus/pakta-token"}
