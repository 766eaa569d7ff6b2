"""What the least view writes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Line(models.Model):
    text = models.CharField(max_length=32)

    objects: ClassVar[models.Manager[Line]] = models.Manager()

    class Meta:
        app_label = "load"

    def __str__(self) -> str:
        return self.text
