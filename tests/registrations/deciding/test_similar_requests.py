"""A reviewer is told of the address, and of other live requests that share names, a telephone or an organisation."""

from dataclasses import replace

from events.event import Event
from events.known_organisation import KnownOrganisation, Treatment
from registrations.deciding.similar_requests import signals
from registrations.people.registration import Registration, State
from tests.people import Person, an_event, confirmed, someone


async def signals_of(asked: Registration) -> list[str]:
    return [signal.words for signal in (await signals(asked.event_id, [asked]))[asked.id]]


async def test_ada_stands_alone(event: Event, ada: Person) -> None:
    assert await signals_of(await confirmed(ada, event)) == ["Address of no organisation on your list"]


async def test_adas_charity_is_known_to_this_event_only(event: Event, ada: Person) -> None:
    await KnownOrganisation.create(
        event=event, domain="wardens.example.org", kind="charity", treatment=Treatment.REVIEW
    )
    elsewhere = await confirmed(ada, await an_event())
    assert await signals_of(await confirmed(ada, event)) == ["Address of a known organisation (charity), not verified"]
    assert await signals_of(elsewhere) == ["Address of no organisation on your list"]


async def test_one_person_who_asks_from_three_addresses_is_noticed(event: Event, ada: Person) -> None:
    first = await confirmed(replace(ada, phone="01632 960 101"), event)
    await confirmed(replace(someone(), name="ADA ASHDOWN"), event)
    await confirmed(replace(someone(), name="ada ashdown"), event)
    await confirmed(replace(someone(), phone="+44 (0)1632 960-101"), event)
    assert await signals_of(first) == [
        "Address of no organisation on your list",
        "2 more in this name",
        "1 more with this telephone number",
    ]


async def test_colleagues_are_counted_and_no_cause_for_caution(event: Event, bo: Person) -> None:
    first = await confirmed(bo, event)
    for _ in range(3):
        await confirmed(replace(someone(), organisation="westmoor constabulary"), event)
    told = (await signals(event.id, [first]))[first.id]
    assert [(signal.words, signal.caution) for signal in told[1:]] == [("3 more from this organisation", False)]


async def test_many_who_ask_with_one_surname_are_noticed_and_a_family_is_not(event: Event, ada: Person) -> None:
    """Somebody may be looking for one person, and guess at their first name. Rules: SE-20."""
    first, told = await confirmed(ada, event), []
    for number in range(6):
        told += [[words for words in await signals_of(first) if "surname" in words]]
        name = f"Person{number} {'Ashdówn' if number % 2 else 'ASHDOWN'}"
        await confirmed(replace(someone(), name=name), event)
    assert told == [[], [], [], [], [], ["5 more with this surname"]]
    assert not (await signals(event.id, [first]))[first.id][-1].caution


async def test_who_has_gone_is_not_counted(event: Event, ada: Person) -> None:
    first = await confirmed(ada, event)
    gone = await confirmed(replace(someone(), name=ada.name), event)
    assert await gone.become(State.CANCELLED)
    assert await signals_of(first) == ["Address of no organisation on your list"]


async def test_nobody_asked_nothing_told(event: Event) -> None:
    assert await signals(event.id, []) == {}
