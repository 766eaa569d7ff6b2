"""A real S3 server, in a process of its own, that can be made to hang."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

from tests.ports import wait_for

KEYS = {"S3_ACCESS_KEY": "contoh", "S3_SECRET_KEY": "rahasia-contoh"}


class ObjectStore:
    """What a test sees of the server, and a bucket of the test's own."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self.port, self.address = port, f"http://127.0.0.1:{port}"
        self.begin_anew()

    def begin_anew(self) -> None:
        self.bucket = f"pakta-{secrets.token_hex(4)}"
        self._client.create_bucket(Bucket=self.bucket)

    @property
    def environment(self) -> dict[str, str]:
        """For processes of Pakta that keep their files there."""
        return KEYS | {"S3_ENDPOINT": self.address, "S3_BUCKET": self.bucket}

    @property
    def options(self) -> dict[str, Any]:
        """For the storage of this process, as settings make it of the environment."""
        return {
            "bucket_name": self.bucket,
            "endpoint_url": self.address,
            "region_name": "us-east-1",
            "access_key": KEYS["S3_ACCESS_KEY"],
            "secret_key": KEYS["S3_SECRET_KEY"],
            "addressing_style": "path",
        }

    @property
    def _client(self) -> Any:
        return boto3.client(
            "s3", endpoint_url=self.address, region_name="us-east-1",
            aws_access_key_id=KEYS["S3_ACCESS_KEY"], aws_secret_access_key=KEYS["S3_SECRET_KEY"],
        )  # fmt: skip

    @property
    def names(self) -> list[str]:
        """Of all that is kept there, the first thousand."""
        found = self._client.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return [each["Key"] for each in found]

    def head(self, name: str) -> dict[str, Any]:
        return dict(self._client.head_object(Bucket=self.bucket, Key=name))

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """It takes connections and answers nothing."""
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)


@contextmanager
def running(port: int, log: Path) -> Iterator[ObjectStore]:
    program = Path(sys.executable).with_name("moto_server")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program, "--host", "127.0.0.1", "--port", str(port)], stdout=output, stderr=output
        )
    try:
        wait_for(port)
        yield ObjectStore(process, port)
    finally:
        process.terminate()
        process.wait(timeout=30)
