"""What must be true after a simulated day: rows, admissions, conflicts, board and lists against the truth."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from events.audit import audit_seal, audit_verify
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.ground import clock
from registrations.checkin import headcount, quarantine
from registrations.checkin.conflict import Conflict, ConflictKind
from registrations.checkin.scan import Admission, Scan
from registrations.codes import sealing
from registrations.phones.door import ENTRANCES
from registrations.tickets.ticket import Ticket

from .door_deeds import EXACT, Deed, Guest, Key, Passing, SimPhone, stays

if TYPE_CHECKING:
    from .door_simulation import Simulation


NEAR = 2.0  # seconds


class WentWrong(AssertionError):
    """With the story of the tickets concerned."""


class Oracle:
    def __init__(self, day: "Simulation") -> None:
        self.day, self.truth, self.fail = day, day.truth, day.fail
        self.guests = {guest.n: guest for guest in day.guests}
        self.names = {phone.door.id: phone.door.name for phone in day.phones}
        entrances = [phone.door.id for phone in day.phones if phone.door.presence == ENTRANCES]
        self.entrance = min(entrances, default=None)  # where whoever is in a room is counted

    async def check(self) -> None:
        self.scans = {scan.client_id: scan for scan in await Scan.filter(door__event_id=self.day.event.id)}
        self.conflicts = await Conflict.filter(door__event_id=self.day.event.id)
        numbers = {guest.ticket_id: guest.n for guest in self.day.guests}
        self.held = {(numbers[admission.ticket_id], admission.presence): admission
                     for admission in await Admission.filter(door__event_id=self.day.event.id)}  # fmt: skip
        self.check_rows()
        everybody = {(guest.n, ENTRANCES) for guest in self.day.guests}
        for key in self.truth.passings.keys() | self.held.keys() | everybody:
            if key[0] and not self.truth.in_doubt(key):
                self.check_admission(key)
                self.check_not_good(key)
        for deed in self.day.deeds.values():
            self.check_told(deed)
        self.check_strangers()
        await self.check_leads()
        await self.check_board()
        for phone in self.day.phones:
            await self.check_list(phone)
        await audit_seal.seal_all()
        if trouble := await audit_verify.verify():
            self.fail([f"the record does not verify: {trouble}"])

    def check_rows(self) -> None:
        known = {name for deed in self.day.deeds.values() for name in deed.names}
        for deed in self.day.deeds.values():
            if deed.id not in self.scans:
                self.fail([f"scan {deed.id[:6]} is nowhere: it was dropped"], deed.guest)
            for name in deed.tellings:
                for row in [self.scans.get(name), self.scans.get(quarantine.accepted_id(name))]:
                    if row is not None:
                        self.check_row(deed, name, row)
        by_phones = {name for name, scan in self.scans.items() if not (scan.inferred or (scan.source and scan.undoes))}
        if by_phones - known:
            self.fail(["there are scans that no phone made"])

    def check_row(self, deed: Deed, name: str, row: Scan) -> None:
        """Its time is the true one, as far as the phone could tell; and it says how far it may be off."""
        told, at = deed.tellings[name], self.seconds(row.happened_at)
        least, most = deed.window(name)
        if not least <= at <= most:
            self.fail([f"scan {name[:6]} was at {deed.at:.0f} s, and is kept as of {at:.0f} s"], deed.guest)
        if told.sure and abs(at - deed.at) > row.unsure + told.trip + EXACT:
            words = f"scan {name[:6]} is {abs(at - deed.at):.1f} s off, and kept as {row.unsure:.1f} s unsure"
            self.fail([words], deed.guest)

    def seconds(self, moment: datetime) -> float:
        """Of the day."""
        return (moment - self.day.at(0)).total_seconds()

    def check_time(self, moment: datetime, passings: Sequence[Passing], words: str, guest: Guest) -> None:
        """Where the order of several is unsure, any of theirs."""
        at = self.seconds(moment)
        windows = [passing.window for passing in passings]
        if not any(least <= at <= most for least, most in windows):
            times = [f"{passing.at:.0f}" for passing in passings]
            self.fail([f"{words} at {at:.0f} s, and in truth at {times} s"], guest)

    def check_told(self, deed: Deed) -> None:
        """A time that a phone was told, and a door, are those of somebody who went through there with the ticket."""
        answer = deed.answer or {}
        told, passings = answer.get("at"), self.truth.passings[deed.key]
        if told is None or deed.key in self.truth.shaky or not all(passing.sure for passing in passings):
            return
        out = answer["verdict"] != "already_in"
        true = [(passing.window, passing.deed.phone.door.name) for passing in passings if passing.out is out]
        true += [(entry.window, answer.get("door", "")) for entry in self.truth.at_rooms(deed.key) if not out]
        if out:  # or they were seen in another room, which they cannot be in as well
            moved = [entry for room in self.truth.other_rooms(deed.key) for entry in self.truth.passings[room]]
            true += [(entry.window, answer.get("door", "")) for entry in moved if not entry.out]
        if not any(told in self.minutes(*window) and answer.get("door", door) == door for window, door in true):
            words = f"{deed.id[:6]} was told {told} {answer.get('door', '')}, and in truth it was at {true}"
            self.fail([words], deed.guest)

    def minutes(self, least: float, most: float) -> set[str]:
        begins = range(int(least // 60), int(most // 60) + 1)
        return {clock.time_words(self.day.at(60.0 * minute)) for minute in begins}

    def check_admission(self, key: Key) -> None:
        guest, passings, where = (
            self.guests[key[0]],
            self.truth.of(key),
            f"at {f'door {key[1]}' if key[1] else 'entrances'}",
        )
        entries, mine = [passing for passing in passings if not passing.out], self.held.get(key)
        if not entries or mine is None:
            if entries or mine:
                self.fail([f"{where} {len(entries)} came in, and the admission is {mine}"], guest)
            return
        admission = next((entry for entry in entries if mine.client_id in entry.names), None)
        before = [entry for entry in entries if admission and entry.surely_before(admission) and entry.deed.key == key]
        if admission is None or before:
            early = [entry.deed.id[:6] for entry in before or entries]
            self.fail([f"{where} the admission is of {mine.client_id[:6]}, and earlier came {early}"], guest)
        if admission is not None:
            from_room = admission.deed.key != key  # it may follow from whichever was heard of first
            others, entrance = (self.truth.at_rooms(key), self.entrance) if from_room else ([], None)
            self.check_time(mine.admitted_at, [admission, *others], "admitted", guest)
            if mine.door_id != (entrance or admission.deed.phone.door.id):
                self.fail([f"{where} the admission is at door {mine.door_id}, by {admission.deed.phone.name}"], guest)
        if self.truth.certain(key):
            self.check_stays(key, passings, mine, guest)

    def check_stays(self, key: Key, passings: list[Passing], mine: Admission, guest: Guest) -> None:
        found = stays(passings)
        if (mine.left_at is not None) is not (found.left is not None) and self.is_order_sure(passings):
            left = found.left and f"by {found.left.deed.id[:6]} at {found.left.at:.0f} s"
            self.fail([f"left at {mine.left_at}, and in truth {left}"], guest)
        if mine.left_at is not None and found.left is not None:
            exits = [passing for passing in passings if passing.out and passing.may_be(found.left)]
            self.check_time(mine.left_at, exits, "left", guest)
        twice = [conflict for conflict in self.conflicts if conflict.kind is ConflictKind.TWICE]
        plain = self.is_order_sure(passings) and not any(
            passing.once or passing.anew or (passing.made_up and not passing.out) for passing in passings
        )
        for double in found.doubles if plain else []:  # what nobody scanned may stand between
            if not any({conflict.first_scan, conflict.second_scan} & double.names for conflict in twice):
                self.fail([f"two came in, the second by {double.deed.id[:6]}: no conflict"], guest)
        for conflict in twice if not any(passing.once for passing in passings) else []:
            pair = [
                passing
                for passing in passings
                if not passing.out and {conflict.first_scan, conflict.second_scan} & passing.names
            ]
            if conflict.settled_at is None and len(pair) == 2 and self.exit_between(passings, *pair):
                self.fail([f"an open conflict of {conflict.first_scan[:6]}, and there was an exit between them"], guest)

    def is_order_sure(self, passings: list[Passing]) -> bool:
        """Of entries and exits that somebody made: one that was on its way for seconds may seem to be after another."""
        made = [passing for passing in passings if not passing.made_up]
        return not any(
            entry.may_be_kept_with(leaving) for entry in made for leaving in made if leaving.out and not entry.out
        )

    def exit_between(self, passings: list[Passing], one: Passing, other: Passing) -> bool:
        first, second = sorted([one, other], key=lambda passing: passing.at)
        return any(
            between.out and first.surely_before(between) and between.surely_before(second) for between in passings
        )

    def check_not_good(self, key: Key) -> None:
        """Whoever a phone alone let in with a ticket that was dead by then, or while the door was closed."""
        guest = self.guests[key[0]]
        for passing in self.truth.of(key):
            if not passing.sure or passing.out or passing.made_up or not passing.alone:
                continue
            kinds = {
                conflict.kind
                for conflict in self.conflicts
                if conflict.second_scan == "" and conflict.first_scan in passing.names
            } - {ConflictKind.CARD}
            dead = guest.dead_at is not None and guest.dead_at < passing.at
            died_near = guest.dead_at is not None and abs(guest.dead_at - passing.at) < NEAR + passing.unsure
            if died_near or passing.deed.phone.hours.may_turn(passing.at, NEAR + passing.unsure):
                continue  # as far as its phone can tell
            opened = passing.deed.row.get("code") in ("early", "late")
            closed = bool(passing.deed.phone.hours.word(passing.at)) and not opened
            owed = {ConflictKind.NOT_VALID} if dead else {ConflictKind.HOURS} if closed else set()
            if kinds != owed and (kinds or self.arrived_judged(passing)):
                self.fail([f"{passing.deed.id[:6]} let somebody in: conflicts {kinds}, owed {owed}"], guest)

    def arrived_judged(self, one: Passing) -> bool:
        """The server had not let them in itself."""
        return (one.deed.answer or {}).get("verdict") != "ok" or one.deed.offline_first

    def check_strangers(self) -> None:
        shown = {conflict.first_scan for conflict in self.conflicts if conflict.kind is ConflictKind.NO_TICKET}
        for deed in self.truth.strangers:
            if deed.row["kind"] == "in" and not deed.names & shown:  # who leaves is gone
                self.fail([f"{deed.id[:6]} let in somebody without a ticket: no conflict"])

    async def check_leads(self) -> None:
        """Whose decision it was: the lead's, whose PIN was typed, or nobody's but a tap without a network."""
        by_name = {name: deed for deed in self.day.deeds.values() for name in deed.names}
        for entry in await AuditEntry.filter(action=Action.LEAD_DECIDED, event_id=self.day.event.id):
            deed = by_name[entry.details["scan"]]
            typed = entry.details["scan"] == deed.id and not deed.offline_first
            owed = {self.day.lead_pass} if typed else self.day.decided_alone(deed)
            if entry.details["lead"] not in owed:
                self.fail([f"{deed.id[:6]} is recorded as by {entry.details['lead']}, and {typed=}"], deed.guest)

    async def check_board(self) -> None:
        """Exactly what the admissions say; and by person what is true, but for those of whom the truth is in doubt."""
        counts = await headcount.counts(self.day.event.id, self.day.at(), self.day.at())
        by_door = {door.id: sum(held.door_id == door.id for held in self.held.values()) for door in counts.doors}
        at_entrances = [held for (_, group), held in self.held.items() if group == ENTRANCES]
        gone = sum(held.left_at is not None for held in at_entrances)
        told = (counts.people, counts.left, {door.id: door.arrived for door in counts.doors})
        if told != (len(at_entrances), gone, by_door):
            self.fail([f"the board says {told}, and counted again it is {len(at_entrances)}, {gone}, {by_door}"])
        if counts.expected != (alive := sum(guest.dead_at is None for guest in self.day.guests)):
            self.fail([f"the board expects {counts.expected}, and {alive} have a ticket"])
        true = [self.whereabouts((guest.n, ENTRANCES)) for guest in self.day.guests]
        for what, said in (("arrived", counts.people), ("inside", counts.inside), ("left", counts.left)):
            least, most = (sum(what in where and len(where) <= sure for where in true) for sure in (2, 9))
            if not least <= said <= most:
                self.fail([f"the board says that {said} {what}, and in truth it is {least} to {most}"])

    def whereabouts(self, key: Key) -> set[str]:
        """What is true of a guest at all entrances together; all of it where it is in doubt."""
        passings = self.truth.of(key)
        if not self.truth.certain(key):
            return {"arrived", "inside", "left"}
        if all(passing.out for passing in passings):
            return set()
        if not self.is_order_sure(passings):
            return {"arrived", "inside", "left"}
        return {"arrived", "left" if stays(passings).left else "inside"}

    async def check_list(self, phone: SimPhone) -> None:
        for guest in self.day.guests:
            ticket = await Ticket.get(id=guest.ticket_id).select_related("registration")
            mine = self.held.get((guest.n, phone.door.presence))
            here = self.stay_of(mine) if mine else None
            name = ticket.registration.full_name if guest.dead_at is None else None
            record = sealing.open_row(phone.rows[guest.id], guest.key, phone.salt)
            told = (record["s"] == "ok", record.get("n"), record.get("i") or record.get("l"))
            if told != (guest.dead_at is None, name, here):
                self.fail([f"the list of {phone.name} says {told}, and it is {name}, {here}"], guest)

    def stay_of(self, mine: Admission) -> list[Any]:
        left = [int(mine.left_at.timestamp())] if mine.left_at else []
        return [int(mine.admitted_at.timestamp()), self.names[mine.door_id], *left]
