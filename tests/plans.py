"""How PostgreSQL answers what Pakta asks: the plan of each query of an act, as it was carried out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

_READS = ("SELECT", "WITH")


@dataclass(frozen=True, slots=True)
class Plan:
    sql: str
    root: dict[str, Any]
    milliseconds: float

    @property
    def nodes(self) -> Iterator[dict[str, Any]]:
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            waiting += node.get("Plans", [])
            yield node

    @property
    def scanned(self) -> dict[str, int]:
        """Tables that were read from end to end, and how many rows that was."""
        return {
            node["Relation Name"]: _rows(node)
            for node in self.nodes
            if node["Node Type"] == "Seq Scan"
        }

    @property
    def indexes(self) -> set[str]:
        return {node["Index Name"] for node in self.nodes if "Index Name" in node}

    @property
    def buffers(self) -> int:
        """Pages of 8 KB that were looked at."""
        return int(self.root["Shared Hit Blocks"] + self.root["Shared Read Blocks"])


def _rows(node: dict[str, Any]) -> int:
    seen = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return int(seen * node["Actual Loops"])


def of(act: Callable[[], object]) -> list[Plan]:
    """The plans of all that an act reads; what it writes is written."""
    plans = []

    def explain(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        text = sql if isinstance(sql, str) else sql.decode()
        if text.startswith(_READS):
            with connection.cursor() as cursor:
                # Past the wrapper, which would explain the explaining.
                cursor.cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {text}", params)
                [[told]] = cursor.cursor.fetchall()
            [plan] = json.loads(told) if isinstance(told, str) else told
            plans.append(Plan(_short(text), plan["Plan"], plan["Execution Time"]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        act()
    return plans


def _short(sql: str) -> str:
    """Without what is selected."""
    return re.sub(r"^SELECT .*? FROM", "SELECT … FROM", sql, flags=re.DOTALL)[:300]
