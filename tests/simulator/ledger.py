"""What is known of phones with pages: the rows on their disks, their questions, and what they were answered."""

import base64
import json
from typing import Any

import httpx2

from events.ground import limits
from events.ground.database import Database
from registrations.checkin import lead_override, reference_lookup
from registrations.phones import guest_list, scan_answer
from tests.hostile.door_deeds import Deed, Guest, Row, Telling

from .house import House
from .machine import Machine, Told
from .pages import ALONE, Ended, PagePhone, Tab, Walk

LONGEST_TRIP = 4.1  # seconds, there
RESTARTED = 30  # seconds by which a clock may be wrong that nobody has set back
TAPS = 3  # seconds for the tap that was offered while there was no network
SAYS_ITS_PAGE = ("/door/api/scans", "/door/api/pass", "/door/api/override")
BEAT = 5.5  # seconds in which a page that is open has asked again


class PageLedger(House):
    def __init__(self, database: Database, seed: int, guests: int, steps: int, *, in_the_house: bool = False) -> None:
        super().__init__(seed, guests, steps, in_the_house=in_the_house)
        self.database = database
        self.machine = Machine(self.answers)
        self.walks: list[Walk] = []
        self.passes_by_mark: dict[str, int] = {}
        self.references: dict[int, str] = {}
        self.codes: dict[int, str] = {}
        self.ended: list[Ended] = []
        self.left_to_the_disk: set[str] = set()  # scans that no open page knew of when their disk was emptied
        self.half_told: set[str] = set()  # scans of which a page that kept nothing took the rest with it

    def phone_named(self, name: str) -> PagePhone:
        return next(phone for phone in self.phones if isinstance(phone, PagePhone) and phone.name == name)

    # what is known of the rows of a page

    async def learn(self, phone: PagePhone) -> Told:
        stored: Told = await self.machine.do("stored", phone.name)
        for made in stored["made"]:
            self.knows(phone, phone.tabs[made["tab"]], made["row"])
        return stored

    def knows(self, phone: PagePhone, tab: Tab, row: Row) -> None:
        """As the page wrote it to its disk, or would have."""
        if row["id"] not in self.deeds and row["kind"] != "invalid":
            row["_run"] = tab.run
            pass_id = self.passes_by_mark.get(row["pass_mark"], phone.door_pass.id)  # the other tab may have a newer
            deed = Deed(row, phone, self.guest_of(row), self.now, pass_id)
            self.deeds[row["id"]] = deed
            self.tell(deed.guest, f"{phone.name}{tab.name}: {row['kind']} {row['id'][:6]} {row['code']} is stored")
            self.check_tap(phone, tab, deed)

    def check_tap(self, phone: PagePhone, tab: Tab, deed: Deed) -> None:
        """With a network a lead types the PIN."""
        is_online = tab.answered_at > max(tab.failed_at + TAPS, self.now - BEAT) and not phone.line.slow
        if deed.row["offline"] and deed.row["tap"] == "lead" and is_online:
            self.fail([f"{deed.id[:6]}: a tap stood for the PIN, and there was a network"], deed.guest)
        if deed.row["offline"] and deed.row["tap"] == "lead" and not deed.row.get("card"):
            self.check_no_card(phone, deed)

    def check_no_card(self, phone: PagePhone, deed: Deed) -> None:
        """A tap stands for the lead only where the list has no card."""
        since = phone.list_at - 2 * BEAT
        is_listed = any(card.made < since and phone.list_at < card.ended for card in self.cards)
        if is_listed and not phone.keeps_nothing:
            self.fail([f"{deed.id[:6]}: a tap stood for the lead's card"], deed.guest)

    def check_sign(self, phone: PagePhone, tab: Tab, sign: str, guest: Guest | None) -> None:
        """By itself a phone lets in only by a list that the server has called right a moment ago."""
        age = self.now - phone.list_at
        stood = min(tab.slept_at, phone.clock_set_at) > phone.list_at  # then no clock of the phone can tell
        if sign == ALONE and age > guest_list.FRESH + BEAT and not stood and phone.set_back_at < phone.list_at:
            self.fail([f"{phone.name} lets in by a list that was right {age:.0f} s ago"], guest)

    def guest_of(self, row: Row) -> Guest | None:
        return next((guest for guest in self.guests if guest.proof == row["proof"]), None)

    # the line and the server

    async def answers(self, told: Told) -> Told:
        self.now = max(self.now, told.get("now", 0.0))
        if "trouble" in told:
            self.fail([told["trouble"]])
        if "gone" in told:
            return self.has_gone(**told["gone"])
        if "forgot" in told:
            self.phone_named(told["forgot"]).client.cookies.clear()
            return {}
        if leaving := told.get("leaves"):
            phone = self.phone_named(leaving["phone"])
            fate, tab = phone.line.leaves(), phone.tabs[leaving["tab"]]
            tab.failed_at = tab.failed_at if "reaches" in fate else self.now
            return fate
        asked = told["reaches"]
        phone = self.phone_named(asked["phone"])
        return await self.serve(phone, phone.tabs[asked["tab"]], asked)

    def has_gone(self, phone: str, tab: str, to: str, seen: Told) -> Told:
        mine = self.phone_named(phone)
        self.tell(None, f"the page of {phone}{tab} goes to {to}")
        self.ended.append(Ended(mine, mine.tabs[tab].run, seen, to, mine.tabs[tab].read))
        return {}

    async def serve(self, phone: PagePhone, tab: Tab, asked: Told) -> Told:
        path, body = asked["path"], json.loads(asked.get("body") or "{}")
        is_scans = path.startswith("/door/api/scans")
        is_read = is_scans and bool(phone.client.cookies)  # without its cookie nothing of it is
        owed = self.takes(phone, tab, body) if is_read else None
        content = (asked.get("body") or "").encode()
        answer = await phone.client.request(asked["method"], path, content=content, headers=asked["headers"])
        if answer.status_code >= 500:
            self.fail([f"{path} was answered {answer.status_code}"])
        if answer.status_code in (200, 403) and path.startswith(SAYS_ITS_PAGE):
            self.has_spoken(phone, tab)
        if is_scans:
            self.has_answered(phone, body, answer, owed)
        elif path.startswith("/door/api/override"):
            self.has_looked_at_the_pin(phone, tab, body["pin"], answer)
        elif path.startswith("/door/api/reference") and answer.status_code in (200, 429):
            self.has_looked_up(phone, body["reference"], answer.json())
        text, forgets = base64.b64encode(answer.content).decode(), "clear-site-data" in answer.headers
        fate = phone.line.comes_back()
        if "after" in fate and answer.status_code == 200 and path.startswith(("/door/api/scans", "/door/api/list")):
            tab.answered_at = phone.list_at = self.now + fate["after"]
        elif "after" not in fate:
            tab.failed_at = self.now
        says = answer.headers.get("muster-pass", "")
        return {"status": answer.status_code, "text": text, "forgets": forgets, "says": says} | fate

    def has_spoken(self, phone: PagePhone, tab: Tab) -> None:
        """The lead gave the override to one page: it ends once the server hears of another."""
        for other in phone.tabs.values():
            other.override_until = other.override_until if other is tab else -1.0

    def has_looked_at_the_pin(self, phone: PagePhone, tab: Tab, pin: str, answer: httpx2.Response) -> None:
        if answer.status_code == 410:
            return
        if (answer.status_code == 200) is not (pin == self.pin_of_lead):
            self.fail([f"{phone.name}: a PIN that is {pin == self.pin_of_lead} was answered {answer.text}"])
        if answer.status_code == 200:
            tab.override_until = self.now + lead_override.LASTS.total_seconds()

    def has_looked_up(self, phone: PagePhone, typed: str, told: Told) -> None:
        """Whoever has this reference; only a phone that has typed too many wrong ones is told to wait."""
        guest = next((guest for guest in self.guests if self.references[guest.n] == typed), None)
        proof = (told.get("found") or {}).get("proof")
        lately = [sum(self.now - at <= seconds for at in phone.wrong_references) for seconds in (60, 3600)]
        is_early = self.now < phone.hours.opens - reference_lookup.EARLIEST.total_seconds()
        if guest is None and "error" not in told and not is_early:
            phone.wrong_references.append(self.now)
        if is_early:
            is_right = set(told) == {"found", "sentence"} and proof is None
        elif "error" in told:
            is_right = lately[0] >= limits.REFERENCES_A_MINUTE.tries or lately[1] >= limits.REFERENCES_AN_HOUR.tries
        else:
            is_good = guest is not None and guest.dead_at is None
            is_right = proof == (guest.proof if guest and is_good else None)
            is_right = is_right and ("ask_lead" in told) is (guest is not None and not is_good)
        self.tell(guest, f"{phone.name} looks {typed} up: {', '.join(told)}")
        if not is_right:
            self.fail([f"the reference {typed} was answered {told}"], guest)

    def takes(self, phone: PagePhone, tab: Tab, body: Row) -> tuple[Deed, str] | None:
        """The server is about to read these scans; what the first one is owed where it is just being made."""
        for sent in body["scans"]:
            if deed := self.deeds.get(sent["id"]):
                deed.row.update(sent)
        fresh = [self.deeds[sent["id"]] for sent in body["scans"] if sent["id"] in self.deeds and not sent["offline"]]
        fresh = [deed for deed in fresh if deed.pass_id == phone.door_pass.id]
        fresh = [deed for deed in fresh if not deed.fate and len(body["scans"]) == 1 and self.now - deed.at < 2]
        phone.override_until = tab.override_until
        owed = self.truth.owed(fresh[0], self.now) if fresh else None
        self.belong = {fresh[0].id: self.waited_for(fresh[0])} if fresh and self.in_the_house else {}
        for sent in body["scans"]:
            if deed := self.deeds.get(sent["id"]):
                deed.heard(self.telling_of(phone, tab, deed, sent))
        return (fresh[0], owed) if owed else None

    def telling_of(self, phone: PagePhone, tab: Tab, deed: Deed, sent: Row) -> Telling:
        true_age = self.now - deed.at
        off = abs(sent["age"] - true_age)
        has_run = tab.run == deed.row["_run"] and tab.slept_at < deed.at  # then no clock on a wall counts
        sure = off <= LONGEST_TRIP + (0 if has_run else min(sent["unsure"], RESTARTED))  # beyond it order is lost, too
        excused = not has_run and (phone.clock_set_at >= deed.at or off <= LONGEST_TRIP + sent["unsure"])
        if not sure and not excused:
            said = f"{sent['age']:.0f} ± {sent['unsure']:.0f}"
            self.fail([f"{deed.id[:6]} is {true_age:.0f} s old, and said to be {said}"], deed.guest)
        trip = off if has_run else LONGEST_TRIP
        return Telling(self.now, sure, self.emptied[deed.pass_id], sent["unsure"] + off, off, trip)

    def has_answered(self, phone: PagePhone, body: Row, answer: httpx2.Response, owed: tuple[Deed, str] | None) -> None:
        told = answer.json()
        if answer.status_code == 200:
            self.emptied[phone.door_pass.id] = self.emptied[phone.door_pass.id] if body["to_send"] else self.now
        elif answer.status_code == 410:
            phone.gone = True
        elif answer.status_code == 401:
            return
        revoked = [{"id": scan_id, "verdict": "device_revoked"} for scan_id in told.get("kept", [])]
        said = {answer["id"]: answer for answer in [*told.get("answers", []), *revoked]}
        if owed and said.get(owed[0].id, {}).get("verdict") != owed[1]:
            self.fail([f"{owed[0].id[:6]} at {phone.name} was owed {owed[1]}, and answered {said}"], owed[0].guest)
        for deed in sorted(
            (self.deeds[scan_id] for scan_id in said if scan_id in self.deeds), key=lambda deed: deed.at
        ):
            self.check_along(deed, self.belong.get(deed.id), said[deed.id])
            self.is_said(phone, deed, scan_answer.nameless(said[deed.id]))

    def is_said(self, phone: PagePhone, deed: Deed, said: dict[str, Any]) -> None:
        if deed.answer is not None and said["verdict"] != "device_revoked" and deed.answer != said:
            self.fail([f"scan {deed.id[:6]} was answered {deed.answer}, then {said}"], deed.guest)
        deed.answer = deed.answer or said
        self.truth.hears(deed, apart=said["verdict"] == "device_revoked")
        self.tell(deed.guest, f"the server says of {deed.id[:6]}: {said['verdict']}")
