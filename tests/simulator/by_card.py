"""Leads' cards at simulated doors: without a network the lead holds one to the camera, or one that is none any more."""

import base64
from dataclasses import dataclass

from registrations.checkin.conflict import Conflict, ConflictKind
from registrations.checkin.received_scan import GRACE, NO_KNOWN_CARD
from registrations.checkin.scan import LEAD, Scan
from registrations.codes import lead_card
from registrations.phones import lead_cards
from registrations.phones.door import A_TAP, DoorPass
from tests.hostile.door_deeds import Deed, Guest, Row, SimPhone

from .on_paper import OnPaper

NEVER = float("inf")


@dataclass
class Card:
    text: str
    proof: str
    made: float
    ended: float = NEVER

    def counts(self, least: float, most: float) -> bool:
        """At some moment between the two."""
        return self.made <= most and least < self.ended


class ByCard(OnPaper):
    def __init__(self, seed: int, guests: int, steps: int) -> None:
        super().__init__(seed, guests, steps)
        self.cards: list[Card] = []

    async def card(self, _: SimPhone) -> None:
        """The lead gets one; a second one replaces it."""
        for card in self.cards[-1:]:
            card.ended = min(card.ended, self.now)
        lead = await DoorPass.get(id=self.lead_pass)
        text = await lead_cards.make(lead, self.omar, self.at(), self.at())
        secret = lead_card.parse(text) or b""
        proof = lead_card.derive(secret, self.event.salt).proof
        self.cards.append(Card(text, base64.urlsafe_b64encode(proof).decode().rstrip("="), self.now))
        self.tell(None, f"the lead has card {len(self.cards)}")

    def alone(self, phone: SimPhone, row: Row, guest: Guest | None) -> None:
        super().alone(phone, row, guest)
        known = [card for card in self.cards if card.counts(phone.list_at, phone.list_at)]
        if row["tap"] == LEAD and (known or self.rng.random() < 0.1):
            invented = base64.urlsafe_b64encode(self.rng.randbytes(16)).decode().rstrip("=")
            row["card"] = known[-1].proof if known and self.rng.random() < 0.8 else invented
            self.tell(guest, f"{phone.name}: {row['id'][:6]} goes by card {self.number_of(row['card'])}")

    def number_of(self, proof: str) -> int:
        return next((n for n, card in enumerate(self.cards, 1) if card.proof == proof), 0)

    # whose word it was

    def whose_card(self, deed: Deed) -> set[int]:
        """The lead's whose card it was then, or 0; either where its time is too doubtful."""
        number = self.number_of(deed.row["card"])
        if not number:
            return {0}
        card, owed = self.cards[number - 1], set[int]()
        for name, told in deed.tellings.items():
            (least, most), unsure = deed.window(name), told.unsure + told.trip + GRACE
            sure = told.sure and card.counts(deed.at, deed.at) and card.counts(least, least) and card.counts(most, most)
            owed |= {self.lead_pass} if card.counts(least - unsure, most + unsure) else {0}
            owed |= set() if sure or not card.counts(least - 2 * unsure, most + 2 * unsure) else {0}
        return owed

    def decided_alone(self, deed: Deed) -> set[int | str]:
        if not deed.row.get("card"):
            return {A_TAP}
        return {whose or NO_KNOWN_CARD for whose in self.whose_card(deed)}

    async def check_cards(self) -> None:
        rows = {scan.client_id: scan for scan in await Scan.filter(door__event_id=self.event.id)}
        found = await Conflict.filter(door__event_id=self.event.id)
        doubted = {conflict.first_scan for conflict in found if conflict.kind is ConflictKind.CARD}
        others = {conflict.first_scan for conflict in found if conflict.kind is not ConflictKind.CARD}
        for deed in self.deeds.values():
            for name in deed.names:
                row = rows.get(name)
                if row is not None and row.offline and row.tap == LEAD:
                    self.check_card(deed, row, doubted, others)

    def check_card(self, deed: Deed, row: Scan, doubted: set[str], others: set[str]) -> None:
        owed = self.whose_card(deed) if deed.row.get("card") else {None}
        if row.decided_by not in owed:
            self.fail([f"{deed.id[:6]} was decided by {row.decided_by}, and in truth by {owed}"], deed.guest)
        changed = row.passed or row.verdict == "undone"
        is_doubted = row.decided_by == 0 and changed
        if (row.client_id in doubted) is not is_doubted and not (is_doubted and row.client_id in others):
            self.fail([f"{deed.id[:6]} changed something by a card: conflict {row.client_id in doubted}"], deed.guest)
