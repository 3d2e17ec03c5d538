"""What somebody needs and chooses for the day, and what they agreed to, for the copy that they ask for.

Rules: DP-05, DP-08.
"""

from collections.abc import Sequence
from datetime import datetime

from events.event import Event
from events.ground.personal import declared_in
from events.programme.programme import programme_of
from registrations.badges.badge_print import BadgePrint
from registrations.certificates.certificate import Certificate, Shows
from registrations.people.choices import Choices, Switch
from registrations.people.consent import WORDINGS
from registrations.people.needs import Adjustment, Diet, Needs
from registrations.people.registration import Registration
from registrations.workshops.choice import WorkshopChoice
from registrations.workshops.lot import Lot
from registrations.workshops.place import WorkshopPlace

from .copy_of_data import Row, Section

NEEDS = declared_in(Needs)
NO_CONSENT = "We hold no consent of yours. Nothing that we hold of you rests on one."
CONSENT = "You can withdraw each on your booking page. Then what it is for is deleted at once."


def told(request: Registration) -> Row:
    """What they need and choose for the day."""
    needs, chosen = request.needs, request.choices
    asked: Row = {
        f"Adjustment: {Adjustment(what).label}": "; ".join(filter(None, [step, needs.replies.get(what)]))
        for what, step in needs.adjustments.items()
    }
    return asked | {
        NEEDS["adjustment_words"].label: needs.adjustment_words or None,
        NEEDS["leaving_words"].label: needs.leaving_words or None,
        NEEDS["diets"].label: ", ".join(Diet(diet).label for diet in needs.diets) or None,
        NEEDS["diet_words"].label: needs.diet_words or None,
        "In photographs": _in_photos(chosen),
        "Chosen for your safety": "; ".join(switch.label for switch in Switch if switch in chosen.switches) or None,
        "Known at the door by the name on your badge alone": "yes" if chosen.alias else None,
    }


async def workshops(event: Event, requests: Sequence[Registration]) -> list[Section]:
    """Which they chose and take part in, by the titles that these have now, and what they got in a draw."""
    ids, whole = [request.id for request in requests], await programme_of(event)
    titles: dict[int | None, str] = {id_: entry.words.title for id_, entry in whole.entries.items()}
    chosen = await WorkshopChoice.filter(registration_id__in=ids).order_by("id")
    places = await WorkshopPlace.filter(registration_id__in=ids).order_by("id")
    lots = await Lot.filter(registration_id__in=ids).order_by("id")
    wanted: list[Row] = [
        {
            "First choice": titles.get(row.first_workshop_id),
            "Second choice": titles.get(row.second_workshop_id),
            "Chosen": row.chosen_at,
        }
        for row in chosen
    ]
    taken: list[Row] = [{"Workshop": titles.get(row.workshop_id), "Since": row.given_at} for row in places]
    drawn: list[Row] = [
        {
            "Lot": lot.drawn,
            "Wanted first": titles.get(lot.wanted_first),
            "Wanted second": titles.get(lot.wanted_second),
            "Got": titles.get(lot.got),
        }
        for lot in lots
    ]
    printed = await BadgePrint.filter(registration_id__in=ids).order_by("id")
    badges: list[Row] = [{"Printed": row.printed_at} for row in printed]
    return [
        Section("badge_print", "When your badge was printed", badges),
        Section(
            "certificate", "Your certificate of attendance", [_certificate(row) for row in await _certificates(ids)]
        ),
        Section("workshop_choice", "Workshops that you chose", wanted),
        Section("workshop_place", "Workshops that you take part in", taken),
        Section("lot", "Draws of places in workshops", drawn),
    ]


async def _certificates(ids: Sequence[int]) -> list[Certificate]:
    return await Certificate.filter(registration_id__in=list(ids)).order_by("id")


def _certificate(row: Certificate) -> Row:
    held = row.held
    name = {Shows.FULL_NAME: "your full name", Shows.BADGE_NAME: "the name for your badge"}
    return {
        "Number": held.number if held else None,
        "Name on it": name[held.shows] if held else None,
        "Made": row.issued_at,
        "Taken": row.taken_at,
        "Ended": row.ended_at,
    }


def consents(event: Event, requests: Sequence[Registration]) -> Section:
    agreed = [consent for request in requests for consent in request.needs.consents.values()]
    agreed += [photos for request in requests if (photos := request.choices.photos)]
    rows: list[Row] = [
        {
            "You agreed to": WORDINGS[consent.wording].format(hosts=event.host_names),
            "Wording": consent.wording,
            "When": datetime.fromisoformat(consent.at),
        }
        for consent in agreed
    ]
    return Section("", "Consent", rows, CONSENT if rows else NO_CONSENT)


def _in_photos(chosen: Choices) -> str:
    if chosen.in_photos:
        return "yes"
    return "no, as you said" if chosen.has_answered_photos else "no: you have not answered"
