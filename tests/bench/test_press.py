"""Pressed documents beside those made the plain way, of people never seen before; and a whole
plaza's, through two workers."""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from pyhanko.sign import SimpleSigner

from pledges import pact
from pledges.documents import press, typesetting
from pledges.documents.pact_form import Act
from pledges.documents.seal import Sealer
from pledges.marks import Mark
from pledges.models import Document, Event, Kind, Signatory, Signature
from tests import cast, people
from tests.bench import naive
from tests.conftest import MANAGE, process_environment
from tests.pdfs import in_order
from tests.test_documents_pressing import differ, pages

ALL = 20_000
MANY = ALL if os.environ.get("BENCH_FULL") else 5_000
PRESSED, NAIVE = 400, 20

Case = tuple[Act, Mark]


def cases(chance: random.Random, first: int, count: int) -> list[Case]:
    acts = (people.ordinary(chance, number) for number in range(first, first + count))
    return [(act, people.mark(chance, act.name)) for act in acts]


def milliseconds(act: Callable[..., bytes], each: Sequence[Case]) -> tuple[float, list[bytes]]:
    """The median of what one takes, and what came of it."""
    spent, made = [], []
    for case in each:
        start = time.perf_counter()
        made.append(act(*case))
        spent.append(time.perf_counter() - start)
    return statistics.median(spent) * 1000, made


@pytest.mark.bench
@pytest.mark.django_db(transaction=True)
def test_pressing_beside_the_plain_way(sealer: Sealer) -> None:
    assert typesetting.IS_FAST, "without libharfbuzz-subset the plain way would be slower still"
    chance = random.Random()
    event = cast.make_open(cast.make_city())
    text = pact.load(event.pacts.get().content)
    signer = SimpleSigner.load_pkcs12(settings.SEAL_PKCS12)

    def plain(act: Act, mark: Mark) -> bytes:
        return naive.sealed(naive.page_of(text, act, mark, sealer), signer)

    def pressed(act: Act, mark: Mark) -> bytes:
        return press.press(text, act, mark, sealer=sealer)

    # Forms, caches and imports are made before, of other people.
    for case in cases(chance, 0, 300):
        pressed(*case)
    plain(*cases(chance, 300, 1)[0])
    some = cases(chance, 1000, NAIVE)
    naive_ms, files = milliseconds(plain, some)
    same = [pressed(*case) for case in some]
    pressed_ms, made = milliseconds(pressed, cases(chance, 2000, PRESSED))
    floor_ms, _ = milliseconds(floor(made[0]), some)
    for one, other in zip(files, same, strict=True):
        assert in_order(one) == in_order(other)
        assert not any(differ(*pair) for pair in zip(pages(one), pages(other), strict=True))
    print()
    print(f"pdf_naive_ms {naive_ms:.1f}")
    print(f"pdf_pressed_ms {pressed_ms:.2f}")
    print(f"pdf_ratio {naive_ms / pressed_ms:.0f}")
    print(f"pdf_floor_ms {floor_ms:.2f}")
    print(f"pdf_kb {statistics.median(map(len, made)) / 1000:.1f}")
    sealed_by_two_workers(event, naive_ms, chance)


def floor(pdf: bytes) -> Callable[[Act, Mark], bytes]:
    """One raw signature and writing as many bytes: no way of making a document takes less."""
    key = ec.generate_private_key(ec.SECP256R1())
    path = Path(default_storage.path(default_storage.save("floor.pdf", ContentFile(pdf))))

    def act(*_: object) -> bytes:
        key.sign(pdf, ec.ECDSA(hashes.SHA256()))
        path.write_bytes(pdf)
        return b""

    return act


def sealed_by_two_workers(event: Event, naive_ms: float, chance: random.Random) -> None:
    said: list[str] = []
    with workers(2, said) as processes:
        sign(event, cases(chance, 10_000, MANY))
        start, half = time.perf_counter(), 0
        while (done := Document.objects.count()) < MANY:
            if not half and done > MANY // 2:
                half = max(memory(each.pid, "VmRSS") for each in processes)
            time.sleep(0.05)
        spent = (time.perf_counter() - start) * ALL / MANY
        peak = max(memory(each.pid, "VmHWM") for each in processes)
    print(f"bulk_documents {MANY}")
    print(f"bulk_20000_s {spent:.1f}")
    print(f"bulk_ratio {ALL * naive_ms / 2 / 1000 / spent:.1f}")
    print(f"bulk_rss_half_mb {half / 1024:.0f}")
    print(f"bulk_rss_mb {peak / 1024:.0f}")
    print(f"fallback_share {sum(int(each.split()[-1]) for each in said) / MANY:.4f}")


@contextmanager
def workers(count: int, said: list[str]) -> Iterator[list[subprocess.Popen[str]]]:
    """Real ones, that have begun to wait for work; and what they said when they were ended."""
    command = [*MANAGE, "seal_pending", "--watch", "--interval", "0.1"]
    processes = [
        subprocess.Popen(command, env=process_environment(), stdout=subprocess.PIPE, text=True)
        for _ in range(count)
    ]
    try:
        time.sleep(5)
        yield processes
    finally:
        for each in processes:
            each.terminate()
        said += [each.communicate()[0] for each in processes]


def memory(pid: int, field: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition(f"{field}:")[2].split()[0])


def sign(event: Event, each: Sequence[Case]) -> None:
    """As `signing.sign` leaves it, without the audit log; all at once, so that the workers find
    a whole plaza waiting."""
    row, now = event.pacts.get(), timezone.now()
    text = pact.load(row.content)
    signatories = Signatory.objects.bulk_create(
        [
            Signatory(
                event=event, unit=event.agency, number=act.number, kind=Kind.PNS, name=act.name,
                nip=act.identifier,
            )
            for act, _ in each
        ],
        batch_size=1000,
    )  # fmt: skip
    Signature.objects.bulk_create(
        [
            Signature(
                signatory=person, pact=row, nonce=act.verification_code, method=act.method,
                mark=mark.stored, mark_digest=mark.digest, signed_at=now,
                verification_code=act.verification_code,
                statement=people.statement(act, mark, event_code=event.code, digest=text.digest),
            )
            for person, (act, mark) in zip(signatories, each, strict=True)
        ]
    )  # fmt: skip
