"""What is asked again and again, of 200,000 signatories: time and pages of each, and no table that
is read from end to end."""

from __future__ import annotations

import pytest

from pledges import events
from pledges.models import Event
from tests import cast, plans
from tests.bench import crowd
from tests.bench.test_progress import make_people, make_units
from tests.test_plans import LARGE, hot, record


@pytest.mark.bench
@pytest.mark.django_db(transaction=True)
def test_what_is_asked_again_and_again_of_200000_signatories():
    agency = cast.make_agency("Pemerintah Provinsi Contoh", city="Contoh")
    event = cast.make_event(agency)
    cast.make_pact(event)
    make_people(event, make_units(agency))
    events.publish(event, by=None)
    record(event)
    crowd.vacuum()
    print()
    for name, act in hot(Event.objects.select_related("agency").get()).items():
        found = plans.of(act)
        print(f"plan_{name}_ms {sum(plan.milliseconds for plan in found):.2f}")
        print(f"plan_{name}_buffers {sum(plan.buffers for plan in found)}")
        scanned = {table for plan in found for table in plan.scanned}
        assert not LARGE & scanned, f"{name} reads all of {scanned}"
