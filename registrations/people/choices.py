"""What somebody with a place chooses about being seen: photographs, which are off until they say yes, and switches.

Sealed under a sub-key of its own: that somebody has set a switch says something of them. Rules: SG-12, DP-13.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic_core import from_json

from events.event import Event
from events.ground import data_keys
from events.ground.personal import Personal, answer

from .consent import Consent
from .needs import WITHOUT_A_PLACE
from .person import BASIS, NAMED, Person

SEALED_AS = "choices"
UNTIL = f"{NAMED}; {WITHOUT_A_PLACE}"
MAY_PHOTOGRAPH = "Photographs: yes"


class Switch(StrEnum):
    FIRST_NAME = "first-name"
    NO_ORGANISATION = "no-organisation"
    NO_PHOTOS = "no-photos"
    NO_LISTS = "no-lists"
    OTHER_ENTRANCE = "other-entrance"

    @property
    def label(self) -> str:
        return SWITCHES[self]


SWITCHES: Mapping[Switch, str] = {
    Switch.FIRST_NAME: "Only my first name on my badge",
    Switch.NO_ORGANISATION: "No organisation on my badge",
    Switch.NO_PHOTOS: "I am not in any photograph",
    Switch.NO_LISTS: "I am not in any list that other guests see",
    Switch.OTHER_ENTRANCE: "I arrive by another entrance",
}
PHOTOS = Personal(
    "whether they may be in photographs, to which wording they agreed and when",
    "consent",
    f"{UNTIL}; at once when the consent is withdrawn",
    "Photographs",
    "whether we may take photographs that include you: no, unless you say yes; then a photographer may be told the name"
    " on your badge, unless you are in no list",
)
DECLINED = Personal(
    "that they said no to photographs, so that they are not asked again",
    BASIS,
    UNTIL,
    "Photographs declined",
    "that you said no to photographs, so that we do not ask again",
)
SAFETY = Personal(
    "how they want to be seen: on a badge, in photographs and lists, at an entrance; never why",
    BASIS,
    UNTIL,
    "Safety",
    "how you want to be seen, if you choose anything: on your badge, in photographs, in lists, at the entrance",
)

ALIAS = Personal(
    "that at the door and on paper they are known by the name on their badge alone, as an organiser noted; never why",
    BASIS,
    UNTIL,
    "Alias",
    "that you are known by the name on your badge alone at the door and on printed lists, if you ask the organisers",
)


@dataclass(frozen=True, slots=True)
class Choices:
    photos: Consent | None = answer(PHOTOS, lambda: None)  # noqa: RUF009  # a field, made anew for each
    switches: frozenset[Switch] = answer(SAFETY, frozenset)
    alias: bool = answer(ALIAS, lambda: False)
    declined_photos: bool = answer(DECLINED, lambda: False)

    @property
    def in_photos(self) -> bool:
        return self.photos is not None and Switch.NO_PHOTOS not in self.switches

    @property
    def has_answered_photos(self) -> bool:
        return self.photos is not None or self.declined_photos or Switch.NO_PHOTOS in self.switches

    @property
    def photo_mark(self) -> str:
        """On badge and ticket, of those alone who said yes: where it is lost or hidden, nobody is photographed, and it
        tells nobody apart who has chosen to be in no photograph."""
        return MAY_PHOTOGRAPH if self.in_photos else ""

    @property
    def meets_lead(self) -> bool:
        """At a door no steward hears who they are: the lead meets them."""
        return self.alias or Switch.OTHER_ENTRANCE in self.switches

    def badge_name(self, person: Person) -> str:
        """As it stands on the badge. Where a first name is to stand alone it is the first word: the page on which
        people choose this shows it to them."""
        name = person.shown_name
        return name.split()[0] if name and Switch.FIRST_NAME in self.switches else name

    def listed_name(self, person: Person) -> str:
        """As it stands on a list for a door: the name that is compared with the work ID, or their alias."""
        return self.badge_name(person) if self.alias or self is UNREADABLE else person.full_name

    def badge_organisation(self, person: Person) -> str:
        return "" if Switch.NO_ORGANISATION in self.switches else person.organisation


NONE = Choices()
UNREADABLE = Choices(switches=frozenset(Switch))  # of a value that was damaged: as careful as anybody can ask for


def sealed(choices: Choices, event: Event, public_id: str) -> bytes | None:
    """For the row of the request with this public id. None where there is nothing to keep."""
    said = {"photos": choices.photos, "switches": sorted(choices.switches), "alias": choices.alias}
    said |= {"declined": choices.declined_photos}
    text = json.dumps({name: value for name, value in said.items() if value})
    return data_keys.seal(event.data_key, SEALED_AS, _row(event.id, public_id), text) if choices != NONE else None


def opened(sealed: bytes | None, registration_id: int, event_id: int, public_id: str) -> Choices:
    """UNREADABLE, and an error in our log that names the row, if it does not open."""
    if not sealed:
        return NONE
    text = data_keys.opened_in(f"registration:{registration_id}", SEALED_AS, _row(event_id, public_id), sealed)
    if text is None:
        return UNREADABLE
    said = from_json(text)
    photos = Consent(*said["photos"]) if "photos" in said else None
    switches = frozenset(Switch(switch) for switch in said.get("switches", ()))
    return Choices(photos, switches, said.get("alias", False), said.get("declined", False))


def of_row(row: Mapping[str, Any]) -> Choices:
    """Of a row that holds COLUMNS of a person."""
    return opened(row["choices_sealed"], row["registration_id"], row["person_of"], row["public_id"])


def _row(event_id: int, public_id: str) -> str:
    return f"choices|{event_id}|{public_id}"
