"""What organisers are asked of an event, a small form for each part of it, and how each answer is kept."""

from collections.abc import Mapping
from typing import Any

from wtforms.validators import StopValidation

from events.web.forms import (
    Choice,
    FewDays,
    Paragraphs,
    Phone,
    Share,
    Text,
    TimeOfDay,
    Whole,
    WorkEmail,
    normal_email,
)

from .content.content_forms import ColourForm, DayForm, FactsForm, TextForm, TitleForm
from .content.event_part import PartForm
from .event import Event
from .ground import clock, wording

WELLBEING_HINT = "A quiet room, whom to talk to, that people may leave a talk. Say nothing that tells where it is"
BRING_HINT = "Stands on the ticket from the start: say nothing that tells where it is before the venue is released"
OFFICER_HINT = "An email address, or a name and how to reach them"
PRIVACY_HINTS = {
    "legal_basis": "Of each host, and the interests where it is legitimate interests",
    "arrangement": "Who of the hosts answers for what",
    "transfers": "Where to, and what protects it there; or that it does not",
    "keeping": "What you keep outside this service, and until when. The notice tells the times of this service itself",
}
MOST_PLACES = 100_000


class HoursForm(PartForm):
    doors_open_at = TimeOfDay("Doors open (optional)", hint="In 24 hours, like 09:00")
    starts_at = TimeOfDay("Starts", missing="Enter when it starts", hint="Like 09:30")
    ends_at = TimeOfDay("Ends (optional)", hint="Like 16:00")

    @classmethod
    def of(cls, event: Event) -> PartForm:
        moments = {name: getattr(event, name) for name in cls.names()}
        return cls(data={name: clock.time_words(moment) if moment else "" for name, moment in moments.items()})

    def details(self, event: Event) -> dict[str, Any]:
        return {field.name: field.on(event.day) for field in self if isinstance(field, TimeOfDay)}

    def validate_starts_at(self, field: TimeOfDay) -> None:
        self._not_before(self.doors_open_at, field, "Start must not be before the doors open")

    def validate_ends_at(self, field: TimeOfDay) -> None:
        self._not_before(self.starts_at, field, "End must be after the start", strictly=True)

    def _not_before(self, first: TimeOfDay, second: TimeOfDay, sentence: str, *, strictly: bool = False) -> None:
        earlier, later = first.minutes, second.minutes
        if earlier is None or later is None or first.errors:
            return
        if later < earlier or (strictly and later == earlier):
            raise StopValidation(sentence)


class VenueForm(PartForm):
    venue = Paragraphs(
        "Venue and address",
        missing="Enter the venue and its address",
        longest=500,
        hint="Kept sealed. Guests see it once it is released",
    )

    @classmethod
    def of(cls, event: Event) -> PartForm:
        """Empty: to read the venue is an act of its own, and all leads are told of it."""
        return cls()

    @classmethod
    def stands(cls, event: Event) -> dict[str, str]:
        """Sealed, and so another text whenever somebody enters it."""
        return {"venue": (event.venue_sealed or b"").hex()}


class AccessForm(PartForm):
    read_by_all = ("access_facts",)
    access_facts = Paragraphs(
        "Access at the building (optional)",
        longest=2000,
        rows=8,
        hint="Anyone can read this: say nothing that tells where it is. Step-free entrance, hearing loop, parking",
    )


class PlacesForm(PartForm):
    capacity = Whole("Places", missing="Enter the number of places", least=0, most=MOST_PLACES)
    allowance = Share(
        "Extra places",
        missing="Enter a number, or 0",
        least=0,
        most=1000,
        hint="To allow for no-shows: a number, or a share of the places like 10%, which is saved as a number",
    )

    @classmethod
    def of(cls, event: Event) -> PartForm:
        return cls(data={name: str(getattr(event, name)) for name in cls.names()})

    def details(self, event: Event) -> dict[str, Any]:
        return {"capacity": self.capacity.number, "allowance": self.allowance.of(self.capacity.number)}


class WaitingListForm(PartForm):
    automatic_offers = Choice(
        "Offer free places to the waiting list automatically?",
        [("yes", "Yes, to whoever asked first"), ("no", "No, organisers give out each place")],
        missing="Select yes to offer free places automatically",
        hint="An offer holds the place for 24 hours, or for 4 in the last week. Hours from 20:00 to 08:00 do not count",
    )
    domain_cap = Whole(
        "Most places for one verified organisation",
        missing="Enter a number, or 0 for no limit",
        least=0,
        most=1000,
        hint="For automatic offers. Guests and offers count, by email domain. 0 is no limit",
    )

    @classmethod
    def of(cls, event: Event) -> PartForm:
        automatic = "yes" if event.automatic_offers else "no"
        return cls(data={"automatic_offers": automatic, "domain_cap": str(event.domain_cap)})

    def details(self, event: Event) -> dict[str, Any]:
        return {"automatic_offers": self.automatic_offers.data == "yes", "domain_cap": self.domain_cap.number}


class WhoAsksForm(PartForm):
    who_asks = Choice(
        "Who can ask for a place while registration is open?",
        [("everybody", "Everybody"), ("invited", "Only people with an invitation")],
        missing="Select who can ask for a place",
        hint="Colleagues whom a guest names can ask too, and you can add people by telephone. The public page says "
        "that registration is by invitation. Nobody can find out there who is invited",
    )

    @classmethod
    def of(cls, event: Event) -> PartForm:
        return cls(data={"who_asks": "invited" if event.by_invitation else "everybody"})

    def details(self, event: Event) -> dict[str, Any]:
        return {"by_invitation": self.who_asks.data == "invited"}


class ContactsForm(PartForm):
    contact_email = WorkEmail("Email address of the organisers", missing="Enter the email address of the organisers")
    contact_phone = Phone(
        "Telephone number of the organisers",
        missing="Enter the telephone number of the organisers",
        hint="Anyone can read it: people telephone it with a safety concern",
    )
    lead_phone = Phone("Telephone number of the lead on the day (optional)", hint="Only phones at the door show it")

    def details(self, event: Event) -> dict[str, Any]:
        return super().details(event) | {"contact_email": normal_email(self.contact_email.data or "")}


class BringForm(PartForm):
    bring = Paragraphs("What to bring (optional)", longest=1000, hint=BRING_HINT, rows=5)


class WellbeingForm(PartForm):
    wellbeing = Paragraphs("Quiet room and support (optional)", longest=1000, hint=WELLBEING_HINT, rows=5)


class ChangesForm(PartForm):
    changes_until = FewDays(
        "Days before the event",
        most=60,
        hint="The last day on which people change their own booking: 0 is the day itself. After it their page asks "
        "them to telephone you. Leave it empty to have no such day",
    )

    @classmethod
    def of(cls, event: Event) -> PartForm:
        return cls(data={"changes_until": "" if event.changes_until is None else str(event.changes_until)})

    def details(self, event: Event) -> dict[str, Any]:
        return {"changes_until": self.changes_until.number}


class DpiaForm(PartForm):
    dpia_reference = Text(
        "Reference of the signed data protection impact assessment",
        missing="Enter the reference of the signed assessment",
        longest=100,
        hint="Registration cannot be opened without it. It is not sealed: no names",
    )


def hosts_form(event: Event) -> type[PartForm]:
    """An email address and a telephone number for each host of this event."""
    fields: dict[str, Any] = {}
    for n, host in enumerate(event.hosts):
        fields[f"email{n}"] = WorkEmail(f"Email address of {host['name']}", missing="")
        fields[f"phone{n}"] = Phone(f"Telephone number of {host['name']} (optional)")
    return type("HostsForm", (_HostsForm,), fields)


class _HostsForm(PartForm):
    @classmethod
    def of(cls, event: Event) -> PartForm:
        data = {f"{what}{n}": host.get(what, "") for n, host in enumerate(event.hosts) for what in ("email", "phone")}
        return cls(data=data)

    def details(self, event: Event) -> dict[str, Any]:
        """All other facts of each host stay as they are."""
        said: Mapping[str, Any] = self.data
        hosts = enumerate(event.hosts)
        return {"hosts": [host | {what: said[f"{what}{n}"] or "" for what in ("email", "phone")} for n, host in hosts]}


def privacy_form(event: Event) -> type[PartForm]:
    """What the notice says of this event, and a data protection contact for each of its hosts."""
    fields: dict[str, Any] = {
        name: Paragraphs(what, missing=f"Enter {what[0].lower()}{what[1:]}", longest=2000, hint=PRIVACY_HINTS[name])
        for name, what in wording.PRIVACY.items()
    }
    for n, host in enumerate(event.hosts):
        whose = f"data protection contact of {host['name']}"
        fields[f"officer{n}"] = Text(f"D{whose[1:]}", missing=f"Enter the {whose}", longest=200, hint=OFFICER_HINT)
    return type("PrivacyForm", (_PrivacyForm,), fields)


class _PrivacyForm(PartForm):
    @classmethod
    def of(cls, event: Event) -> PartForm:
        officers = {f"officer{n}": host.get("data_protection", "") for n, host in enumerate(event.hosts)}
        return cls(data=event.facts.get("privacy", {}) | officers)

    def details(self, event: Event) -> dict[str, Any]:
        """All other facts of the event and of each host stay as they are."""
        said: Mapping[str, Any] = self.data
        hosts = [host | {"data_protection": said[f"officer{n}"]} for n, host in enumerate(event.hosts)]
        return {"facts": event.facts | {"privacy": {name: said[name] for name in wording.PRIVACY}}, "hosts": hosts}


PARTS: dict[str, type[PartForm]] = {
    "title": TitleForm,
    "day": DayForm,
    "text": TextForm,
    "facts": FactsForm,
    "colour": ColourForm,
    "hours": HoursForm,
    "venue": VenueForm,
    "access": AccessForm,
    "places": PlacesForm,
    "waiting-list": WaitingListForm,
    "who-asks": WhoAsksForm,
    "contacts": ContactsForm,
    "bring": BringForm,
    "wellbeing": WellbeingForm,
    "changes": ChangesForm,
    "dpia": DpiaForm,
}


def form_of(part: str, event: Event) -> type[PartForm] | None:
    """The form of one part; None where there is no such part."""
    made_for_its_hosts = {"hosts": hosts_form, "privacy": privacy_form}
    return made_for_its_hosts[part](event) if part in made_for_its_hosts else PARTS.get(part)
