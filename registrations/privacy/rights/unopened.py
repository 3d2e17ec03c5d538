"""What does not open where an event's data key is missing, and may be of somebody who was erased since a backup.

Nobody can tell, and with the key it would be back. So a restore deletes it, once whoever restores has read how much it
is. What opens stays, and so does what came after the last erasure. Rules: DP-07, DP-08.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from events.backup.erased_list import Entry
from events.event import Event
from events.ground import data_keys
from events.ground.database import within_tx
from registrations.asking import drafting
from registrations.asking.draft import IDLE, Draft
from registrations.people.address_change import AddressChange
from registrations.people.colleague import Colleague
from registrations.people.hand_over import HandOver
from registrations.people.typed_addresses import KINDS

from . import withdrawing_again

WORDS = {
    Draft: "answers that somebody is still typing",
    AddressChange: "other addresses that guests asked for",
    Colleague: "addresses of colleagues who have not answered",
    HandOver: "addresses of colleagues who were asked to take over a place",
}


class Unopened(NamedTuple):
    """By ids."""

    drafts: Collection[int]
    typed: dict[type[AddressChange | Colleague | HandOver], Collection[int]]

    @property
    def said(self) -> list[str]:
        numbers = {Draft: len(self.drafts)} | {kind: len(ids) for kind, ids in self.typed.items()}
        return [f"{WORDS[kind]}: {number}" for kind, number in numbers.items() if number]


NOTHING = Unopened([], {})


async def of_event(event: Event, entries: Sequence[Entry]) -> Unopened:
    """A draft may have been kept last so long before it ends: how long exactly is sealed in it."""
    if not entries or not event.data_key or data_keys.kept().has(event.data_key):
        return NOTHING
    noted_at, erased_at = max(entry.noted_at for entry in entries), max(entry.erased_at for entry in entries)
    drafts = await Draft.filter(event_id=event.id, expires_at__lte=noted_at + IDLE).order_by("id")
    shut = [draft.id for draft in drafts if drafting.open_draft(draft) is None]
    return Unopened(shut, {kind: await _typed(kind, event, erased_at) for kind in KINDS})


async def _typed(kind: type[AddressChange | Colleague | HandOver], event: Event, erased_at: object) -> Collection[int]:
    waiting = kind.filter(registration__event_id=event.id, address_sealed__isnull=False, asked_at__lte=erased_at)
    return [row.id for row in await waiting.order_by("id") if not row.address]


@within_tx
async def end(event: Event, entries: Sequence[Entry]) -> None:
    """Whoever was not erased answers and asks once more."""
    found = await of_event(event, entries)
    await Draft.filter(id__in=list(found.drafts)).delete()
    for kind, ids in found.typed.items():
        await kind.filter(id__in=list(ids)).update(address_sealed=None)


async def losses(entries: Sequence[Entry]) -> list[str]:
    """What a restore deletes for that reason, a line for each event: how much of what."""
    lines = []
    for event in await Event.all().order_by("id"):
        said = (await of_event(event, entries)).said + await withdrawing_again.losses(event, entries)
        if said:
            lines.append(f"{event.slug}: {'; '.join(said)}.")
    return lines
