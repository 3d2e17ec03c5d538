"""Registration opens with a register that says who hosts and who sends our emails, and stays with one.

Rules: DP-12.
"""

import asyncio
from datetime import timedelta

import pytest

from events import event_changes, processor_register
from events.accounts.staff import Staff
from events.event import Event, EventState
from events.ground import settings
from events.ground.database import Database
from events.ground.refusal import Refused
from events.processor import OF_EMAIL, PARTS, Processor, Service, missing_in, processors_of
from events.processor_register import Facts
from tests.conftest import SETTINGS
from tests.people import MONDAY, PROCESSORS, an_event, audit_of

HOSTING, RELAY = PROCESSORS
KITCHEN = Facts(
    Service.CATERING, "Sample Kitchen", "Cooks lunch", "The number of people", "United Kingdom", "The next day", "K-1"
)


async def of_service(event: Event, service: Service) -> Processor:
    return await Processor.get(event=event, service=service)


async def names(event: Event) -> list[str]:
    return [processor.name for processor in await processors_of(event.id)]


def through(host: str) -> None:
    """Emails go through this host from now on."""
    settings.choose(SETTINGS.model_copy(update={"smtp_host": host}))


@pytest.fixture
async def draft(database: Database) -> Event:
    return await an_event(state=EventState.DRAFT)


@pytest.mark.parametrize("service", [Service.HOSTING, Service.EMAIL])
async def test_registration_opens_with_hosting_and_relay_and_not_without_one(
    draft: Event, lena: Staff, service: Service
) -> None:
    facts = next(facts for facts in PROCESSORS if facts.service is service)
    await processor_register.remove(await of_service(draft, service), 0, by=lena, at=MONDAY)
    with pytest.raises(Refused, match="Missing: Processor register: who "):
        await event_changes.open_registration(draft, by=lena, at=MONDAY)
    await processor_register.add(draft, facts, by=lena, at=MONDAY)
    await event_changes.open_registration(draft, by=lena, at=MONDAY)
    assert (await Event.get(id=draft.id)).state is EventState.OPEN


@pytest.mark.parametrize("part", [*PARTS, *OF_EMAIL])
async def test_it_does_not_open_before_each_part_of_each_entry_is_known(draft: Event, lena: Staff, part: str) -> None:
    relay = await of_service(draft, Service.EMAIL)
    facts = Facts(**RELAY._asdict() | {part: ""})
    assert await processor_register.change(relay, facts, 0, by=lena, at=MONDAY)
    lack = (PARTS | OF_EMAIL)[part]
    assert await processor_register.missing(draft) == [f"Sample Relay: {lack}"]
    with pytest.raises(Refused, match=f"Processor register: Sample Relay: {lack}"):
        await event_changes.open_registration(draft, by=lena, at=MONDAY)


@pytest.mark.parametrize(
    ("host", "lacks"),
    [
        ("relay.example.org", []),
        ("Relay.Example.ORG.", []),
        ("other.example.org", ["but emails go through other.example.org"]),
        ("example.org", ["but emails go through example.org"]),
        ("", ["but emails go through no host (MUSTER_SMTP_HOST is not set)"]),
    ],
)
async def test_the_relay_of_the_register_is_the_one_that_is_set_up(
    draft: Event, lena: Staff, host: str, lacks: list[str]
) -> None:
    entered = RELAY._replace(smtp_host="relay.EXAMPLE.org")
    await processor_register.change(await of_service(draft, Service.EMAIL), entered, 0, by=lena, at=MONDAY)
    through(host)
    said = await processor_register.missing(draft)
    assert [lack.partition("relay.EXAMPLE.org, ")[2] for lack in said] == lacks
    if lacks:
        with pytest.raises(Refused, match="it is entered with the host"):
            await event_changes.open_registration(draft, by=lena, at=MONDAY)
    else:
        await event_changes.open_registration(draft, by=lena, at=MONDAY)


async def test_while_people_can_ask_what_they_are_told_stays_complete(event: Event, lena: Staff) -> None:
    before = await Processor.all().order_by("id").values()
    hosting, relay = await of_service(event, Service.HOSTING), await of_service(event, Service.EMAIL)
    tries = [
        processor_register.remove(hosting, 0, by=lena, at=MONDAY),
        processor_register.remove(relay, 0, by=lena, at=MONDAY),
        processor_register.change(hosting, HOSTING._replace(region=""), 0, by=lena, at=MONDAY),
        processor_register.change(relay, RELAY._replace(smtp_host="old.example.org"), 0, by=lena, at=MONDAY),
        processor_register.add(event, KITCHEN._replace(kept=""), by=lena, at=MONDAY),
    ]
    for act in tries:
        with pytest.raises(Refused, match="Registration is open, so this must not be missing or wrong in the register"):
            await act
    assert await Processor.all().order_by("id").values() == before
    await processor_register.add(event, KITCHEN, by=lena, at=MONDAY)
    assert await processor_register.change(hosting, HOSTING._replace(name="Other Hosting"), 0, by=lena, at=MONDAY)
    assert await names(event) == ["Other Hosting", "Sample Relay", "Sample Kitchen"]
    await processor_register.remove(await of_service(event, Service.CATERING), 0, by=lena, at=MONDAY)
    assert await names(event) == ["Other Hosting", "Sample Relay"]


async def test_a_relay_that_was_changed_under_open_registration_can_be_entered(event: Event, lena: Staff) -> None:
    through("new.example.org")
    assert len(await event_changes.missing(event)) == 1
    new = RELAY._replace(smtp_host="new.example.org")
    assert await processor_register.change(await of_service(event, Service.EMAIL), new, 0, by=lena, at=MONDAY)
    assert await event_changes.missing(event) == []


async def test_nobody_opens_registration_while_another_takes_the_relay_away(draft: Event, lena: Staff) -> None:
    for round_ in range(8):
        relay = await of_service(draft, Service.EMAIL)
        await asyncio.gather(
            event_changes.open_registration(draft, by=lena, at=MONDAY),
            processor_register.remove(relay, relay.version, by=lena, at=MONDAY),
            return_exceptions=True,
        )
        is_open = (await Event.get(id=draft.id)).state is EventState.OPEN
        assert is_open == bool(await Processor.filter(event=draft, service=Service.EMAIL).count()), round_
        await Event.filter(id=draft.id).update(state=EventState.DRAFT)
        if not is_open:
            await processor_register.add(draft, RELAY, by=lena, at=MONDAY)


async def test_of_two_leads_who_change_the_same_one_is_told(event: Event, lena: Staff) -> None:
    hosting = await of_service(event, Service.HOSTING)
    changes = [HOSTING._replace(region=region) for region in ("Ireland", "France")]
    done = await asyncio.gather(
        *(processor_register.change(hosting, facts, 0, by=lena, at=MONDAY) for facts in changes)
    )
    now = await of_service(event, Service.HOSTING)
    assert (sorted(done), now.region, now.version) == ([False, True], changes[done.index(True)].region, 1)
    with pytest.raises(Refused, match="Someone else has changed or removed this entry"):
        await processor_register.remove(hosting, 0, by=lena, at=MONDAY)


async def test_what_is_added_twice_is_one_entry(event: Event, lena: Staff) -> None:
    adds = (processor_register.add(event, KITCHEN, by=lena, at=MONDAY) for _ in range(4))
    answers = await asyncio.gather(*adds, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Processor", "Refused", "Refused", "Refused"]
    assert await names(event) == ["Sample Hosting", "Sample Relay", "Sample Kitchen"]
    kitchen = await of_service(event, Service.CATERING)
    other = await processor_register.add(event, KITCHEN._replace(name="Other Kitchen"), by=lena, at=MONDAY)
    with pytest.raises(Refused, match="has an entry of this name for this service already"):
        await processor_register.change(other, KITCHEN, 0, by=lena, at=MONDAY)
    assert await Processor.get(id=kitchen.id) == kitchen


async def test_each_change_is_on_the_audit_log_without_what_was_written(event: Event, lena: Staff) -> None:
    later = MONDAY + timedelta(hours=1)
    made = await processor_register.add(event, KITCHEN, by=lena, at=MONDAY)
    await processor_register.change(made, KITCHEN._replace(region="Ireland"), 0, by=lena, at=later)
    await processor_register.remove(made, 1, by=lena, at=later)
    entries = await audit_of(made)
    assert entries == [("changed the processor register", lena.actor, at) for at in (MONDAY, later, later)]


def test_what_is_missing_is_said_of_every_service_in_the_order_of_the_register() -> None:
    kitchen = Processor(**KITCHEN._replace(region="", contract="")._asdict())
    assert missing_in([kitchen], "relay.example.org") == [
        "who runs the server (hosting)",
        "who sends our emails (email relay)",
        "Sample Kitchen: in which country or region it keeps the data",
        "Sample Kitchen: the reference of the contract",
    ]
