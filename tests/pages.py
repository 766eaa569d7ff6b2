"""What tests of pages share."""

from __future__ import annotations

import html
import re
from typing import Any


def text_of(response: Any) -> str:
    """What a person reads: the page without its tags, whitespace folded."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())
