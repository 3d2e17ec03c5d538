"""What guests with a place tell and ask on the day that a thief would like, by pages and emails."""

import re

from events.accounts.staff import Staff
from events.ground import clock, tokens
from events.ground.database import run_tx
from events.ground.tokens import Purpose
from events.mail.outbox import Message
from registrations.certificates.certificate import Certificate, Words
from registrations.feedback import asking
from registrations.feedback.box import FeedbackBox
from registrations.feedback.token import FeedbackLink, address_of
from registrations.people.registration import Registration, State
from tests.conftest import SETTINGS
from tests.hostile.thief_files import Files
from tests.people import joined, request_of
from tests.registrations.booking.test_change_pages import sent_with
from tests.registrations.certificates.giving import release

NEEDED = "A seat for Balthazar, who carries my oxygen"
SAID_AFTERWARDS = "Ask Philippa Fotheringay-Gault first"
EATEN = "Pine nuts, since the picnic at Nether Wallop"
LEARNED = "How Ottilie of the weir got her dog back"
MOVED, WISHED = "mover@starlings.example.org", "wisher@nightjars.example.org"


class Guests(Files):
    """Their part of the day. `mover` moves to another address, `wisher` only asks for one."""

    mover: Registration
    wisher: Registration

    async def says_what_they_need(self, guest: Registration) -> None:
        self.says(NEEDED, EATEN)
        now = await Registration.get(id=guest.id)
        needs = f"{self.booking_of(now)}/needs"
        told = {"wanted": ["hearing-loop"], "words": NEEDED, "agree": "adjustments 1"}
        eats = {"wanted": ["allergy"], "words": EATEN, "agree": "diet 1", "caterer": "caterer 1"}
        async with self.browser() as client:
            for path, data in {"adjustments": told, "diet": eats}.items():
                assert (await client.post(f"{needs}/{path}", data={"any": "yes"})).status_code == 303, path
                assert (await client.post(f"{needs}/{path}/which", data=data)).status_code == 303, path
            assert (await client.post(f"{needs}/photos", data={"photos": "photos 1"})).status_code == 303
            assert (await client.post(f"{needs}/safety", data={"switches": ["first-name"]})).status_code == 303
        assert (NEEDED in (said := str((await Registration.get(id=guest.id)).needs)), EATEN in said) == (True, True)

    async def dora_says_what_she_needs(self, dora: Registration) -> None:
        """And takes a part of it back."""
        await self.says_what_they_need(dora)
        async with self.browser() as client:
            await client.post(f"{self.booking_of(dora)}/needs/diet", data={"any": "no", "word": "withdraw"})
        assert EATEN not in str((await Registration.get(id=dora.id)).needs)

    async def a_guest_moves_and_another_wishes_to(self) -> None:
        self.mover, self.wisher = await Registration.filter(state=State.APPROVED).order_by("-id").offset(1).limit(2)
        self.says(MOVED, WISHED, self.mover.email)
        for guest, address in ((self.wisher, WISHED), (self.mover, MOVED)):
            booking = self.booking_of(guest)
            async with self.browser() as client:
                seen = sent_with((await client.get(f"{booking}/address")).text)
                asks = await client.post(f"{booking}/address", data={"email": address, "save": "yes", **seen})
                assert asks.status_code == 303
        asked = await self.their_link(Purpose.NEW_ADDRESS)
        async with self.browser() as client:
            assert MOVED in (await client.get(asked)).text
            assert (await client.post(asked, data={"theirs": "yes"})).status_code == 303
        lena = await joined(await Staff.all().order_by("id").first() or await Staff.get())
        person = f"/desk/{self.event.slug}/people/{self.mover.id}"
        async with self.browser(lena) as desk:
            assert MOVED in (await desk.get(person)).text
            await desk.post(f"{person}/decide", data={"decision": "approve", "seen": "rechecking"})
        await self.undo_time_passes()
        await self.emails_go_out()
        assert (await request_of(MOVED)).id == self.mover.id

    async def somebody_says_how_it_was(self) -> None:
        """In words that name somebody. The others have not answered yet, and their emails are not out."""
        self.says(SAID_AFTERWARDS)
        people = await Registration.filter(state=State.APPROVED).order_by("id").limit(6)
        assert await run_tx(asking.begin)(self.event, [guest.id for guest in people], clock.now())
        pages = [address_of(link.public_id).removeprefix(SETTINGS.base_url) for link in await FeedbackLink.all()]
        self.says(*(page.rpartition("/")[2] for page in pages))
        async with self.browser() as client:
            said = {"before": "2", "after": "4", "differently": SAID_AFTERWARDS, "word": "send"}
            assert (await client.post(pages[0], data=said)).status_code == 303
        assert SAID_AFTERWARDS in str((await FeedbackBox.get()).contents)

    async def a_release_list_is_printed(self) -> None:
        """Whoever has one of its numbers and a telephone lets somebody in."""
        lena = await joined(await Staff.all().order_by("id").first() or await Staff.get())
        async with self.browser(lena) as client:
            paper = {"kind": "release list", "as": "page"}
            listed = await client.post(f"/desk/{self.event.slug}/doors/paper", data=paper)
        numbers = set(re.findall(r">([0-9]{4} [0-9]{4})<", listed.text))
        assert len(numbers) == 24
        self.says(*numbers, *(number.replace(" ", "") for number in numbers))

    async def somebody_takes_a_certificate(self) -> None:
        """And has its number checked."""
        await release(self.event, await Staff.all().order_by("id").first() or await Staff.get(), words=Words(LEARNED))
        certificate = await Certificate.all().order_by("id").first() or await Certificate.get()
        page = f"{self.booking_of(await Registration.get(id=certificate.registration_id))}/certificate"
        async with self.browser() as client:
            assert (await client.post(page, data={"name": "full"})).status_code == 303
            number = re.findall(r'"certificate__number">([^<]+)<', (await client.get(page)).text)[0]
            assert "Valid: Check" in (await client.post("/certificate", data={"number": number})).text
        self.says(number, LEARNED)

    def booking_of(self, guest: Registration) -> str:
        return f"/manage/{tokens.make(Purpose.MANAGE, guest.public_id, guest.generation)}"

    async def undo_time_passes(self) -> None:
        await Message.filter(state="queued").update(next_try_at=clock.real())
