"""A day in a house with rooms: beside what phones at doors do, what else befalls there, and the door's closing."""

from collections.abc import Sequence
from typing import Any

from registrations.checkin import closing, conflicts
from registrations.checkin.conflict import Conflict, Outcome
from registrations.checkin.scan import Admission
from registrations.phones import pairing
from registrations.phones.door import DoorPass, WrittenOff
from tests.hostile.door_deeds import Row, SimPhone

from .desks import Desks

IN_THE_HOUSE = {
    "paper": 8, "types_up": 6, "card": 3, "walk_in": 6, "organiser": 6, "vets": 3, "badge": 6, "along": 3,
}  # fmt: skip
ROOMS = ({2, 3}, {2}, {1, 2}, {1, 3})  # of three doors; the others are entrances


class House(Desks):
    """With `in_the_house` all of it befalls; without, a day is as it was before."""

    def __init__(self, seed: int, guests: int = 24, steps: int = 150, *, in_the_house: bool = False) -> None:
        super().__init__(seed, guests, steps)
        self.in_the_house = in_the_house
        self.belong: dict[str, int | None] = {}  # to whom a scan just now is of: how many are still outside
        if in_the_house:
            self.mix |= {name: usual * self.rng.choice([0, 1, 1, 3]) for name, usual in IN_THE_HOUSE.items()}
            self.rooms, self.one_place = ROOMS[seed % 4], self.rng.random() < 0.8

    async def prepare(self) -> None:
        await super().prepare()
        if self.mix.get("card") and self.rng.random() < 0.7:
            await self.card(self.phones[0])

    async def send(self, phone: SimPhone, rows: Sequence[Row], *, lost: bool = False) -> None:
        deed = self.deeds[rows[0]["id"]]
        is_asked_now = self.in_the_house and len(rows) == 1 and not deed.fate and deed.at == self.now
        self.belong = {deed.id: self.waited_for(deed)} if is_asked_now else {}
        await super().send(phone, rows, lost=lost)

    def hear(self, phone: SimPhone, answer: dict[str, Any], *, lost: bool) -> None:
        self.check_along(self.deeds[answer["id"]], self.belong.get(answer["id"]), answer)
        super().hear(phone, answer, lost=lost)

    async def come_together(self) -> None:
        await super().come_together()
        for phone in self.phones:
            await self.types_up(phone)
        for phone in self.phones if self.papers else []:
            await self.fetch(phone)

    async def check_by_oracle(self) -> None:
        await super().check_by_oracle()
        if self.in_the_house:
            await self.check_cards()
            self.check_papers(await Conflict.filter(door__event_id=self.event.id, settled_at=None))
            await self.check_walk_ins()
            await self.closes()

    # the end

    async def closes(self) -> None:
        """Blocked until each phone is settled and each conflict is; and then nothing moves any more."""
        lost = self.rng.choice([phone for phone in self.phones if self.may_get_lost(phone)] or [None])
        await self.scans_unseen(lost)
        await closing.begin(self.event, self.omar, self.at(), self.at())
        await self.still_blocked("before anybody was asked")
        for phone in [phone for phone in self.phones if phone is not lost]:
            await self.puts_away(phone)
        await self.signs_out(self.lead_pass)
        if lost:
            await self.is_written_off(lost)
        for conflict in await Conflict.filter(door__event_id=self.event.id, settled_at=None).order_by("id"):
            await self.still_blocked(f"with conflict {conflict.id} open")
            await conflicts.settle(self.event, conflict.id, Outcome.CANNOT_TELL, self.omar, self.at())
        if not await closing.close(self.event, self.omar, self.at()):
            self.fail([f"the door cannot be closed: {await closing.missing(self.event.id)}"])
        if lost:
            await self.stands_still(lost)

    async def is_written_off(self, lost: SimPhone) -> None:
        await self.still_blocked(f"with {lost.name} never seen")
        why = self.rng.choice(list(WrittenOff))
        await pairing.write_off(lost.door_pass, why, self.omar, self.at(), self.at())
        lost.revoked = True

    def may_get_lost(self, phone: SimPhone) -> bool:
        return not phone.revoked

    async def still_blocked(self, why: str) -> None:
        if await closing.close(self.event, self.omar, self.at()):
            self.fail([f"the door was closed {why}"])

    async def scans_unseen(self, lost: SimPhone | None) -> None:
        """By itself, and never comes back before the end."""
        if lost is None:
            return
        lost.online = False
        for guest in self.rng.sample(self.guests, min(3, len(self.guests))):
            await self.show(lost, self.a_row("in", proof=guest.proof), guest)

    async def puts_away(self, phone: SimPhone) -> None:
        await self.signs_out(phone.door_pass.id)

    async def signs_out(self, pass_id: int) -> None:
        if await DoorPass.filter(id=pass_id, revoked_at=None).exists():
            await pairing.revoke(DoorPass(id=pass_id), self.omar, self.at(), self.at())

    async def stands_still(self, lost: SimPhone) -> None:
        """What is sent now is kept, and lets nobody in."""
        before, open_before = await self.as_it_stands(), await Conflict.all().count()
        lost.online, self.now = True, self.now + 60
        queue = len(lost.queue)
        await self.send(lost, lost.queue[:50]) if lost.queue else None
        late = [deed for deed in self.deeds.values() if deed.phone is lost and deed.at >= self.now - 60]
        told = {(deed.answer or {}).get("verdict") for deed in late}
        after = await self.as_it_stands(), await Conflict.all().count()
        if told - {"device_revoked"} or after != (before, open_before):
            self.fail([f"{queue} scans after the door was closed were answered {told}, and moved something"])

    async def as_it_stands(self) -> list[tuple[object, ...]]:
        return sorted(await Admission.all().values_list("ticket_id", "presence", "client_id", "admitted_at", "left_at"))


class HouseDay(House):
    """Without pages, which is quick."""

    def __init__(self, seed: int, guests: int = 8, steps: int = 100, only: str = "") -> None:
        super().__init__(seed, guests, steps, in_the_house=True)
        for word in filter(None, only.split(",")):
            name, _, often = word.partition(":")
            self.mix[name] = int(often)
