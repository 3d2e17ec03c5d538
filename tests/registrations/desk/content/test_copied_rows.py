"""What a copy of an event takes along of the rows beside it, and that it is made for no day that cannot be."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tortoise.models import Model

from events.accounts.staff import Staff
from events.content.copying import (
    KEPT_OF_A_LOGO,
    KEPT_OF_A_PROCESSOR,
    KEPT_OF_AN_ORGANISATION,
    ProgrammeCopied,
    Wanted,
    copy_event,
)
from events.content.logo import HostLogo
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from events.known_organisation import KnownOrganisation, Treatment
from events.processor import Processor, Service
from tests.people import MONDAY

OWN = {"id", "event_id"}


@pytest.mark.parametrize(
    ("model", "kept", "left"),
    [
        (Processor, KEPT_OF_A_PROCESSOR, {"version"}),  # counted anew
        (KnownOrganisation, KEPT_OF_AN_ORGANISATION, set()),
        (HostLogo, KEPT_OF_A_LOGO, set()),
    ],
)
def test_each_column_of_a_copied_row_is_copied_or_left_by_decision(
    model: type[Model], kept: tuple[str, ...], left: set[str]
) -> None:
    assert {*model._meta.fields_db_projection, *OWN} == {*kept, *left, *OWN}


async def test_areas_come_along_so_that_the_next_report_counts_by_them(event: Event, lena: Staff) -> None:
    await KnownOrganisation.create(
        event=event, domain="a.example.org", kind="council", treatment=Treatment.PARTNER, area="Watford"
    )
    day = clock.local(MONDAY).date() + timedelta(days=200)
    made = await copy_event(event, Wanted("Next", "next", day, ProgrammeCopied.NOTHING), by=lena, at=MONDAY)
    assert (await KnownOrganisation.get(event_id=made.id)).area == "Watford"


async def test_the_venue_of_the_register_stays_with_its_event(event: Event, lena: Staff) -> None:
    """It is of the building, which is asked for again."""
    for service in (Service.VENUE, Service.CATERING):
        await Processor.create(event=event, service=service, name=f"Who does {service.value}")
    day = clock.local(MONDAY).date() + timedelta(days=200)
    made = await copy_event(event, Wanted("Next", "next", day, ProgrammeCopied.NOTHING), by=lena, at=MONDAY)
    services = {processor.service for processor in await Processor.filter(event_id=made.id)}
    assert (Service.VENUE in services, Service.CATERING in services) == (False, True)


async def test_no_copy_is_made_for_a_day_that_is_over_whoever_asks(event: Event, lena: Staff) -> None:
    """The page says so too; but a page may have stood open over night."""
    today = clock.local(MONDAY).date()
    wanted = Wanted("Next", "next", today - timedelta(days=1), ProgrammeCopied.NOTHING)
    with pytest.raises(Refused, match=r"must be in the future\. Nothing was copied"):
        await copy_event(event, wanted, by=lena, at=MONDAY)
    assert await Event.all().count() == 1
    assert await copy_event(event, replace(wanted, day=today + timedelta(days=1)), by=lena, at=MONDAY), "the control"
