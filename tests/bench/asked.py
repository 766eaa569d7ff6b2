"""What is asked again and again of very many people: time and pages of each, and no table that is
read from end to end."""

from __future__ import annotations

from pledges.models import Event
from tests import plans
from tests.bench import crowd
from tests.test_plans import LARGE, hot, record


def tell(event: Event) -> None:
    record(event)
    crowd.vacuum()
    for name, act in hot(event).items():
        found = plans.of(act)
        print(f"plan_{name}_ms {sum(plan.milliseconds for plan in found):.2f}")
        print(f"plan_{name}_buffers {sum(plan.buffers for plan in found)}")
        scanned = {table for plan in found for table in plan.scanned}
        assert not LARGE & scanned, f"{name} reads all of {scanned}"
