"""What ends with a page: only it knew of scans that could not be written, and it must have said so.

And what goes with a disk that is emptied: what a page that was closed had left there.
"""

import re
from typing import Any

from tests.hostile.door_deeds import Deed

from .ledger import PageLedger
from .pages import Ended, Tab

KEEPS_NOTHING = ("this phone keeps nothing", "storage is full", "keep this page open")


class Ends(PageLedger):
    async def settle_ends(self) -> None:
        ended, self.ended = self.ended, []
        for end in ended:
            stored = await self.learn(end.phone)
            on_disk = {row["id"]: row for row in stored["rows"]}
            of_phone = [deed for deed in self.deeds.values() if deed.phone is end.phone]
            mine = [deed for deed in of_phone if deed.row["_run"] == end.run or deed.id in end.read]
            lost = [deed for deed in mine if not deed.tellings and deed.id not in on_disk]
            self.check_said(end, lost)
            self.half_told |= {deed.id for deed in mine if self.is_half_written(deed, on_disk.get(deed.id))}
            for deed in lost:
                self.is_gone(deed)

    def check_said(self, end: Ended, lost: list[Deed]) -> None:
        """How much would be lost with it; and a phone that says it is done has nothing left."""
        seen, told = end.seen, f"{end.phone.name} ends with {[deed.id[:6] for deed in lost]} unsent"
        if not lost or seen["view"] == "start":  # which tells at most that nothing is kept
            return
        counts = [int(count) for count in re.findall(r"(\d+)(?: scans?)?(?: from before still)? (?:still )?to send",
                                                     seen["unsent"])]  # fmt: skip
        is_counted = bool(counts and counts[0] >= len(lost)) or re.search("cannot tell|Some scans", seen["unsent"])
        is_warned = any(words in seen["warning"] + seen["unsent"] for words in KEEPS_NOTHING)
        if end.to == "/door/over" or not is_counted or not (is_warned or seen["view"] == "pairing"):
            self.fail([f"{told}, and said: {seen['unsent']} {seen['warning']}"], lost[0].guest)

    def is_half_written(self, deed: Deed, row: dict[str, Any] | None) -> bool:
        """Its scan is on the disk, and not what the steward did on it, of which the server has not heard."""
        return row is not None and not deed.is_told and not row["offline"]

    def knows_of(self, row: dict[str, Any], tab: Tab) -> bool:
        """An open page has it in its memory: it wrote the row, or has read it."""
        return row["id"] in tab.read or (row["id"] in self.deeds and self.deeds[row["id"]].row["_run"] == tab.run)

    def settle_emptied(self) -> None:
        """With a disk goes what no open page knew of, and nothing else; the server may have heard of it before."""
        for deed in [self.deeds[scan_id] for scan_id in sorted(self.left_to_the_disk) if scan_id in self.deeds]:
            if not deed.tellings:
                self.is_gone(deed)
            elif not deed.is_told:
                self.half_told.add(deed.id)

    def is_gone(self, deed: Deed) -> None:
        del self.deeds[deed.id]
        self.walks = [walk for walk in self.walks if walk.deed is not deed]
        self.tell(deed.guest, f"{deed.id[:6]} is lost with the page or the disk of {deed.phone.name}")
