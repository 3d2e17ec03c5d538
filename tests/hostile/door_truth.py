"""What really happened at simulated doors, in true time, and what each guest was owed by it.

Kept from what the phones did and the guests have. Nothing here is read from the server.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from registrations.checkin.received_scan import entrance_id
from registrations.codes.arrived import ENTRANCES

from .door_deeds import Deed, Key, Passing, is_one_place, moved_on, stays, through, without_known


class Truth:
    """The ledger of the world: who went through where, and what is too doubtful to hold anybody to."""

    def __init__(self) -> None:
        self.passings: dict[Key, list[Passing]] = defaultdict(list)
        self.shaky: set[Key] = set()
        self.undone: set[str] = set()
        self.strangers: list[Deed] = []  # let in by what is no ticket

    def of(self, key: Key) -> list[Passing]:
        """With the exits that nobody scanned, and the entries: whoever came into another room has left this one, and
        whoever went through the door of a room was in the building."""
        return [*self.scanned(key), *moved_on(self.scanned(key), self._elsewhere(key)), *self.from_rooms(key)]

    def from_rooms(self, key: Key) -> list[Passing]:
        """Entries at the entrances, of whoever was at a room's door and is in at none of them by then."""
        found, at_rooms = list[Passing](), self.at_rooms(key)
        names = {entrance_id(name) for passing in at_rooms for name in passing.names}  # whichever is heard of first
        for passing in sorted(at_rooms, key=lambda passing: passing.at):
            before = stays([*(seen for seen in self.scanned(key) if seen.surely_before(passing)), *found])
            if not before.inside or before.left:
                found.append(replace(passing, out=False, made_up=True, names=names))
        return found

    def in_doubt(self, key: Key) -> bool:
        """Also at the entrances where a room is: what was undone there goes with what followed from it, or stays by
        what was scanned since."""
        undone = any(passing.deed.id in self.undone for room in self._rooms(key) for passing in self.passings[room])
        return undone or any(room[0] == key[0] and (room == key or key[1] == ENTRANCES) for room in self.shaky)

    def at_rooms(self, key: Key) -> list[Passing]:
        return [passing for room in self._rooms(key) for passing in self.scanned(room)]

    def _rooms(self, key: Key) -> list[Key]:
        """Of an entrance: where else the same guest was."""
        return [other for other in [*self.passings] if other[0] == key[0] != 0 and other[1] != ENTRANCES == key[1]]

    def scanned(self, key: Key) -> list[Passing]:
        standing = [passing for passing in self.passings[key] if passing.deed.id not in self.undone or passing.made_up]
        return without_known(standing)

    def certain(self, key: Key) -> bool:
        """Where a person is in one place at a time, the order among all rooms has to be sure."""
        rooms = [key, *self.other_rooms(key), *self._rooms(key)]
        if any(room in self.shaky or not all(passing.sure for passing in self.scanned(room)) for room in rooms):
            return False
        if self.in_doubt(key):
            return False
        entries = [*self._elsewhere(key), *self.at_rooms(key)]
        return not any(entry.may_be_kept_with(passing) for entry in entries for passing in self.scanned(key))

    def other_rooms(self, key: Key) -> list[Key]:
        """Of the same guest, who is in one place among them."""
        if not is_one_place(self.passings[key]):
            return []
        return [other for other in self.passings
                if other[0] == key[0] and other != key and is_one_place(self.passings[other])]  # fmt: skip

    def _elsewhere(self, key: Key) -> list[Passing]:
        return [entry for room in self.other_rooms(key) for entry in self.scanned(room) if not entry.out]

    def passed(self, deed: Deed) -> bool:
        return any(passing.deed is deed and not passing.made_up for passing in self.passings[deed.key])

    def passes(self, deed: Deed, *, made_up: bool) -> None:
        """With the entry that must have been before it, where they were not seen to come in."""
        telling = list(deed.tellings.values())[-1]
        alone, out = through(deed.row), deed.row["kind"] == "out"
        new = Passing(deed, deed.names, out, telling.sure, alone, telling.unsure)
        if made_up:
            names = {hashlib.sha256(f"entry before {name}".encode()).hexdigest()[:32] for name in deed.names}
            entry = Passing(deed, names, False, new.sure, alone, new.unsure, made_up=True)
            self.passings[deed.key].append(entry)
        self.passings[deed.key].append(new)

    def hears(self, deed: Deed, *, apart: bool = False) -> None:
        """The phone and the server have spoken of it. `apart`: of a pass that is over, whatever it was answered."""
        verdict = (deed.answer or {}).get("verdict", "")
        over = apart or deed.phone.revoked or deed.pass_id != deed.phone.door_pass.id
        is_late = over and not deed.offline_first and deed.is_told and not deed.was_late and not self.passed(deed)
        if is_late:  # what its phone had done by itself waits for an organiser, whatever was decided on the scan
            deed.was_late, deed.fate = bool(deed.fate), "apart"
        deed.fate = deed.fate or ("apart" if verdict == "device_revoked" else "counted")
        if deed.fate == "counted" and verdict != "device_revoked":
            self._counts(deed, verdict)

    def accepts(self, deed: Deed, deeds: dict[str, Deed]) -> None:
        """An organiser has said that it counts, though its phone was over: it is settled as the ticket is now."""
        deed.was_accepted = True
        if deed.row["kind"] == "undo":
            if (undone := self._is_undone(deed)) is None:
                self.shaky.add(deeds[deed.row["undoes"]].key)
            elif undone:
                self.undone.add(str(deed.row["undoes"]))
        elif deed.is_told and through(deed.row):
            self._counts(deed, self._way_out(deed))
        elif not (deed.is_told and deed.row.get("tap") == "no") and deed.guest:
            verdict = self._judged_late(deed)
            if verdict in ("ok", "out"):
                self._counts(deed, verdict)
            elif verdict is None:
                self.shaky.add(deed.key)

    def _counts(self, deed: Deed, verdict: str) -> None:
        if verdict == "undone":
            self.undone.add(str(deed.row["undoes"]))
        is_late = bool(deed.tellings) and not deed.offline_first and deed.pass_id != deed.phone.door_pass.id
        waits = is_late or deed.phone.revoked  # what its phone did by itself is kept apart, and may be discarded
        if deed.guest is None and through(deed.row) and deed not in self.strangers and not waits:
            self.strangers.append(deed)
        if deed.guest is None or self.passed(deed) or not (verdict in ("ok", "out") or through(deed.row)):
            return
        unseen = deed.row["kind"] == "out" and not self.is_in(deed.key, deed.at)
        if unseen and not self.certain(deed.key):
            self.shaky.add(deed.key)
        self.passes(deed, made_up=unseen and verdict == "out")

    # what an organiser accepted

    def _is_in_doubt(self, deed: Deed) -> bool:
        """When it was, or whether somebody else passed with its ticket before it or after."""
        told = list(deed.tellings.values())
        unsure = max(telling.unsure for telling in told)
        others = [*self.of(deed.key), *self._elsewhere(deed.key)]
        near = any(abs(passing.at - deed.at) <= passing.unsure + unsure for passing in others)
        return (
            near
            or deed.phone.hours.may_turn(deed.at, unsure + 2)
            or not all(telling.sure for telling in told)
            or not self.certain(deed.key)
        )

    def _way_out(self, deed: Deed) -> str:
        """It is "out" where the entry before it follows from it, if there is none."""
        if deed.row["kind"] == "in" or self._left(deed):
            return ""
        asked = deed.row.get("code") == "came_in_elsewhere" or deed.row.get("tap")
        return "out" if asked or self.is_in(deed.key, deed.at) else ""

    def _left(self, deed: Deed) -> bool:
        return bool(stays([passing for passing in self.of(deed.key) if passing.at <= deed.at]).left)

    def _judged_late(self, deed: Deed) -> str | None:
        """A scan without an answer, in the place where it happened; None where that is too doubtful."""
        if deed.guest and deed.guest.dead_at is not None and deed.row["kind"] == "in":
            return "ask_lead"
        if self._is_in_doubt(deed):
            return None
        if deed.row["kind"] == "out":
            return self._way_out(deed) if not self._left(deed) else "already_out"
        entries = self._entries(deed.key)
        barred = self.is_in(deed.key, deed.at) or any(entry.at > deed.at for entry in entries)
        if barred or (entries and deed.phone.door.policy == "once"):
            return "already_in"
        return deed.phone.hours.word(deed.at) or "ok"

    def _is_undone(self, deed: Deed) -> bool | None:
        """By a phone that is over: its own last one within a minute, or any where a tap stood for the lead."""
        undone, row = str(deed.row["undoes"]), deed.row
        scanned = [passing for of_key in self.passings.values() for passing in of_key if not passing.made_up]
        gone = next((passing for passing in scanned if passing.deed.id == undone), None)
        if gone is None or undone in self.undone or (gone.deed.pass_id != deed.pass_id and gone.deed.was_accepted):
            return False
        if gone.out or not self.certain(gone.deed.key) or self._near_others(gone):
            return None
        if row.get("code") and row.get("offline") and row.get("tap") == "lead":
            return True
        if gone.deed.pass_id != deed.pass_id:
            return False
        unsure = gone.unsure + max(told.unsure for told in deed.tellings.values())
        mine = [passing for passing in scanned if passing.deed.pass_id == deed.pass_id]
        after = [passing for passing in mine if passing.deed is not gone.deed]
        later = [passing for passing in after if passing.at > gone.at - passing.unsure - gone.unsure]
        is_sure = all(passing.sure for passing in mine) and all(told.sure for told in deed.tellings.values())
        if abs(deed.at - gone.at - 60) <= unsure + 1 or not is_sure:
            return None
        if deed.at - gone.at > 60 or any(gone.surely_before(passing) for passing in later):
            return False
        return None if later else True

    def _near_others(self, gone: Passing) -> bool:
        return any(passing.may_be(gone) for passing in self.of(gone.deed.key) if passing.deed is not gone.deed)

    def is_in(self, key: Key, at: float) -> bool:
        found = stays([passing for passing in self.of(key) if passing.at <= at])
        return bool(found.inside) and found.left is None

    # what the server owes: None where it is held to nothing

    def owed(self, deed: Deed, now: float) -> str | None:
        """The answer to a scan that is sent as it happens."""
        phone, guest, row = deed.phone, deed.guest, deed.row
        if phone.revoked:
            return "device_revoked"
        if row["kind"] == "undo":
            return self._owed_undo(deed, now)
        if guest is None:
            return "unknown"
        if row["kind"] == "out":
            return self._owed_exit(deed)
        if guest.dead_at is not None:
            return "ask_lead"
        if phone.hours.near(now):
            return None
        code = row.get("code") if phone.override_until > now else None
        closed = phone.hours.word(now)
        if closed and code not in ("early", "late"):
            return closed
        if not self.certain(deed.key):
            return None
        barred = self.is_in(deed.key, now) or (phone.door.policy == "once" and self._entries(deed.key))
        return "already_in" if barred and not code else "ok"

    def _entries(self, key: Key) -> Sequence[Passing]:
        return [passing for passing in self.of(key) if not passing.out]

    def _owed_exit(self, deed: Deed) -> str | None:
        if not self.certain(deed.key):
            return None
        if self.is_in(deed.key, deed.at):
            return "out"
        if stays(self.of(deed.key)).left:
            return "already_out"
        return "out" if deed.row.get("code") == "came_in_elsewhere" else "came_in_elsewhere"

    def _owed_undo(self, deed: Deed, now: float) -> str | None:
        undone = str(deed.row["undoes"])
        mine = [
            passing
            for passings in self.passings.values()
            for passing in passings
            if passing.deed.pass_id == deed.pass_id
        ]
        gone = next(
            (passing for passings in self.passings.values() for passing in passings if passing.deed.id == undone), None
        )
        if gone is None or undone in self.undone or gone.out or not all(passing.sure for passing in mine):
            return None
        if gone.deed.was_accepted:
            return None
        lead = deed.row.get("code") and deed.phone.override_until > now
        if lead:
            return "undone"
        if gone.deed.pass_id != deed.pass_id or now - gone.at > 61 + gone.unsure:
            return "undo_needs_lead" if gone.deed.pass_id == deed.pass_id else "nothing_to_undo"
        last = all(passing.at <= gone.at for passing in mine if passing.deed.id not in self.undone)
        return "undone" if last and now - gone.at < 59 else None
