"""That a background process is at work."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """When a process of this name was last seen on a host; see `pledges.health`."""

    name = models.CharField(max_length=40)
    host = models.CharField(max_length=255)
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "tanda hidup"
        constraints = [
            models.UniqueConstraint(fields=["name", "host"], name="one_heartbeat_per_host")
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.host} · {self.at:%Y-%m-%d %H:%M:%S}"
