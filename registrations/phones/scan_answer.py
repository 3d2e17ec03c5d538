"""What a door phone hears of one scan or reference: only the fields that its role may see, decided in one place."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from registrations.codes.badge_type import BadgeType
from registrations.codes.verdict import Standing, Verdict
from registrations.people import choices
from registrations.people.choices import Choices
from registrations.people.names.surname import order, tray_letter
from registrations.people.person import Person, of_row
from registrations.tickets.ticket import Reference, reference_in

Answer = dict[str, Any]
UNDO_SECONDS = 60
NAMES = frozenset({"name", "badge_name", "organisation", "badge", "tray", "photos", "reference", "along", "due"})
NAMED_FOR = 30.0  # seconds: whom an answer names is still standing at the door
NAMED_BESIDE = 120.0  # beside somebody who was scanned then: two work IDs have been looked at meanwhile
ASKED_ABOUT = frozenset(
    (Verdict.ALREADY_IN, Verdict.LEAD_MEETS, Verdict.SPEAK_TO_LEAD, Verdict.WRONG_DOOR, Verdict.NOT_COUNTED)
)  # somebody decides on them, who has to know who they are
NO_NAME = frozenset(Verdict(standing) for standing in Standing if standing is not Standing.OK)


class Guest(NamedTuple):
    """The person of a ticket, as far as a door may know: beside the name for the work ID, what is on the badge. Of whom
    the lead meets the name on the badge is all."""

    ticket_id: int
    sealed_reference: Reference
    name: str
    badge_name: str
    organisation: str
    badge_type: BadgeType
    meets_lead: bool = False
    listed_name: str = ""  # by which their badge is sorted; none of whom the lead meets under another name
    in_photos: bool = False

    @property
    def reference(self) -> str:
        return self.sealed_reference.shown


def guest_of(row: Mapping[str, Any]) -> Guest | None:
    """Reads the guest from a row that joins ticket and registration (REFERENCE_COLUMNS, COLUMNS), or None."""
    if row["ticket_id"] is None:
        return None
    badge_type = BadgeType(row["badge_type"])
    return guest(row["ticket_id"], reference_in(row), of_row(row), choices.of_row(row), badge_type)


def guest(ticket_id: int, reference: Reference, person: Person, chosen: Choices, badge_type: BadgeType) -> Guest:
    badge_name, organisation = chosen.badge_name(person), chosen.badge_organisation(person)
    name = badge_name if chosen.meets_lead else person.full_name
    shown = (name, badge_name, organisation, badge_type, chosen.meets_lead)
    return Guest(ticket_id, reference, *shown, sorted_name(person, chosen), chosen.in_photos)


def sorted_name(person: Person, chosen: Choices) -> str:
    """By which their badge is sorted; none where that is a name that no phone is sent: the lead has their badge."""
    return "" if chosen.meets_lead and not chosen.alias else chosen.listed_name(person)


def badge_facts(listed_name: str, *, in_photos: bool) -> Answer:
    """What whoever hands out the badge needs: its tray, '' for that of other alphabets, and whether they said yes to
    photographs (DP-13). One definition with the printed badges."""
    tray = {"tray": tray_letter(order(listed_name)[0]).upper()} if listed_name else {}
    return tray | {"photos": in_photos}


def nameless(answer: Answer) -> Answer:
    """The answer to a scan that was not made just now: the phone showed the name by its own list, or shows none."""
    return {name: value for name, value in answer.items() if name not in NAMES}


def of_scan(scan_id: str, verdict: str, facts: Mapping[str, Any], guest: Guest | None, *, leads: bool) -> Answer:
    """The same arguments give the same answer, byte for byte. `facts` hold times, doors and faults, never a person."""
    answer: Answer = {"id": scan_id, "verdict": verdict}
    if "beside" in facts:
        return answer | _beside(verdict, facts, guest, leads=leads)
    if guest is None:
        return answer | dict(facts)
    opened = {"conflict": True} if facts.get("conflict") else {}
    if verdict in NO_NAME or (verdict == Verdict.LEAD_MEETS and not leads):  # all look the same to a queue
        return {"id": scan_id, "verdict": "ask_lead"} | no_name(guest, verdict, leads=leads) | opened
    if verdict == Verdict.OK:
        along = {"along": facts["along"]} if "along" in facts else {}  # marks: how many come with them, never who
        return answer | person(guest) | {"undo_seconds": UNDO_SECONDS} | along | opened
    if guest.meets_lead and not leads:
        return answer | dict(facts)
    if verdict in ASKED_ABOUT:
        return answer | {"name": guest.name, "organisation": guest.organisation} | dict(facts)
    return answer | dict(facts)


def _beside(verdict: str, facts: Mapping[str, Any], guest: Guest | None, *, leads: bool) -> Answer:
    """Of somebody who was let in beside another, without a ticket: who, if they came in; of nobody else more than the
    verdict."""
    if verdict == Verdict.OK and guest is not None:
        return person(guest) | {"undo_seconds": UNDO_SECONDS} | _kept(facts, "conflict")
    if verdict in NO_NAME or verdict == Verdict.LEAD_MEETS:
        return {"verdict": Verdict.ASK_LEAD.value} | ({"code": verdict} if leads else {}) | _kept(facts, "conflict")
    return _kept(facts, "conflict", "at", "door", "opens", "closes")


def _kept(facts: Mapping[str, Any], *names: str) -> Answer:
    return {name: facts[name] for name in names if name in facts}


def person(guest: Guest) -> Answer:
    """For somebody who may come in: what is compared with the work ID, and the badge to hand out."""
    shown = {"name": guest.name, "badge_name": guest.badge_name, "organisation": guest.organisation}
    shown |= {"badge": guest.badge_type.words}
    return shown | badge_facts(guest.listed_name, in_photos=guest.in_photos)


def no_name(guest: Guest, code: str, *, leads: bool) -> Answer:
    """For somebody whom the lead has to talk to: the reference, and for the lead alone the reason."""
    return {"reference": guest.reference} | ({"code": code} if leads else {})
