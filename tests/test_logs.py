from __future__ import annotations

import io
import logging

import pytest
from django.test import Client

from pakta.logs import CutTokens


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("Not Found: /s/18-AEZ88PJB5WBKPKH6567VQMMWTD", "Not Found: /s/18-…"),
        ("Forbidden: /bukti/7-D4JKTKY6XNK467WNJ/pakta.pdf", "Forbidden: /bukti/7-…/pakta.pdf"),
        ("Not Found: /s/AEZ88PJB5WB", "Not Found: /s/-…"),
        ("Not Found: /layar/3-AEZ88PJB5WB/hitungan", "Not Found: /layar/3-…/hitungan"),
        (
            "GET /akun/kata-sandi-baru/7-d1ao2p-71bf8be82b0e67a1bfb5f96d4a9f7f35 HTTP/1.1",
            "GET /akun/kata-sandi-baru/7-… HTTP/1.1",
        ),
        (
            "Not Found: /bukan-saya/FG152A78QATY1EM9-AEZ88PJB5WBKPKH6567VQMMWTD",
            "Not Found: /bukan-saya/FG152A78QATY1EM9-…",
        ),
        ("Not Found: /v/FG152A78QATY1EM9", "Not Found: /v/FG152A78QATY1EM9"),
    ],
)
def test_tokens_are_cut_from_logs_and_public_codes_stay(said: str, logged: str) -> None:
    record = logging.makeLogRecord({"msg": "%s", "args": (said,)})
    assert CutTokens().filter(record)
    assert record.getMessage() == logged


def test_a_refused_link_reaches_the_console_without_its_token(db: None, client: Client) -> None:
    console = next(h for h in logging.getLogger().handlers if type(h) is logging.StreamHandler)
    console.stream, usual = io.StringIO(), console.stream
    assert client.get("/s/18-AEZ88PJB5WBKPKH6567VQMMWTD").status_code == 404
    console.stream, written = usual, console.stream.getvalue()
    assert written == "Not Found: /s/18-…\n"
