"""A day with two hundred people and more, as a thief of its database would like it."""

import base64
import re
from datetime import timedelta

import httpx2
import pyotp

from events.accounts import password_requests
from events.accounts.staff import Staff
from events.audit import audit_seal
from events.event import Event
from events.ground import clock, tokens
from events.ground.tokens import Purpose
from registrations.asking import inviting
from registrations.asking.inviting import Wanted
from registrations.booking.changing import marks_of
from registrations.people.registration import Registration, State
from registrations.phones.door import Door, DoorPass
from registrations.privacy.cases.complaint import Complaint
from registrations.privacy.retention import deleting
from registrations.privacy.rights.rights_request import RightsRequest
from registrations.rehearsal import rehearsal_arrivals, rehearsing
from registrations.tickets.ticket import Ticket
from tests.at_the_desk import fields
from tests.door_phone import HttpPhone, row_of, undo_row
from tests.events.accounts.passkeys.authenticator import a_passkey_of
from tests.hostile.thief_guests import Guests
from tests.hostile.thief_marshals import MARSHALS, calls_the_roll, code_and_pin_on
from tests.people import PASSWORD, THE_DAY, Person, joined, request_of
from tests.people import code_of as totp_of
from tests.professional import answer_questions, ask, path_to

NEW_PASSWORD, THEN = "gumboots in the pantry", timedelta(days=31)  # what nobody confirmed is gone, and who got no place

DORA = Person("Dorothea Quillfeather", "d.quillfeather@lanterns.example.org", "Lanterns of Nether Wallop", "charity",
              "Lantern keeper", "Dotty Quill", "07700 900 871")  # fmt: skip
MALLORY = Person("Mallory Trickett", "", "Society of Impostors", "charity", "Impersonator", "Mal Trick",
                 "01632 960 777")  # fmt: skip
HALFWAY = Person("Hephzibah Halfway", "hephzibah@halfway.example.org", "Halfway Housing Union", "housing", "Go-between",
                 "", "07700 900 872")  # fmt: skip
GONE = Person("Ferdinand Leavetaker", "f.leavetaker@farewell.example.org", "Farewell Association", "charity",
              "Departures clerk", "", "07700 900 873")  # fmt: skip
CORRECTED, BADGE = "Wilhelmina Zuckerkandl", "Minnie Zucker"
MENDED = {"kind": "charity", "photos": "no", "full_name": CORRECTED, "badge_name": BADGE}
INVITED, INVITED_EMAIL = "Ines Periwinkle", "ines.periwinkle@hosts.example.org"
NEW_LEAD_PHONE = "07700 900 874"
COLLEAGUES = ("p.swiftwater@millrace.example.org", "j.underhill@millrace.example.org")
UNWILLING, COLLEAGUE = "n.nevermore@millrace.example.org", "barnaby.stand-in@lanterns.example.org"
ENTRANCE, STEWARDS, LEADS = "Vestry of Nether Wallop mill", "Prudence Doorward's phone", "Basil Gatekeep's phone"
COMPLAINT = "My former landlord was told that I asked for a place.\nHe rang the bell on Tuesday."
COMPLAINER, COMPLAINERS = "Cornelia Grudge", "cornelia.grudge@grievance.example.org"
FOUND_OUT = "A volunteer read the list aloud on the bus."
INCIDENT = "The blue folder with eleven names was left at the bakery."
WHY = "The baker gave it back unopened within the hour."
WISH = "My surname is spelt Quill-Feather, with a hyphen."
DONE = "Spelt with the hyphen from today."


class Day(Guests):
    """The day itself, by pages, emails and phones."""

    async def goes_by(self) -> None:
        clock.move_to(THE_DAY)
        self.event = await rehearsing.fill(THE_DAY)
        self.door = await Door.all().order_by("id").first() or await Door.get()
        await rehearsal_arrivals.arrive(self.event, THE_DAY, clock.real())
        self.public |= {host["name"] for host in self.event.hosts} | {self.event.title}
        await self.note_all()
        await self.emails_go_out()
        self.lena = await joined(await Staff.all().order_by("id").first() or await Staff.get())
        await self.somebody_asks_in_the_names_of_others()
        await self.a_lead_signs_in_and_invites()
        await self.dora_asks_and_gets_her_ticket()
        await self.dora_says_what_she_needs(await request_of(DORA.email))
        await self.dora_names_a_colleague()
        await self.a_guest_moves_and_another_wishes_to()
        await self.the_desk_decides()
        await self.somebody_complains_and_something_is_lost()
        await self.phones_at_the_door()
        await self.somebody_takes_a_certificate()
        await self.what_is_over_is_deleted()
        await self.says_what_they_need(self.mover)  # what was said before the day is over
        await self.dora_uses_her_rights()
        await self.somebody_says_how_it_was()
        await self.files_wait()
        await self.note_all()
        await audit_seal.seal_all()

    async def somebody_asks_in_the_names_of_others(self) -> None:
        """Of somebody who has a place, and of two who have not confirmed: one of them says No to it."""
        approved = await Registration.filter(state=State.APPROVED).order_by("id").first()
        others = await Registration.filter(state=State.REQUESTED).order_by("-id").limit(2)
        self.tells(MALLORY)
        for row in filter(None, [approved, *others]):
            hijack = Person(MALLORY.name, row.email, *(getattr(MALLORY, name) for name in (
                "organisation", "kind", "role", "badge_name", "phone")))  # fmt: skip
            async with self.browser(network=1) as client:
                assert (await ask(client, self.event, hijack)).status_code == 303
        confirm = await self.their_link(Purpose.CONFIRM)
        async with self.browser() as client:
            assert MALLORY.name in (await client.get(confirm)).text
            assert (await client.post(confirm, data={"asked": "no"})).status_code == 303

    async def a_lead_signs_in_and_invites(self) -> None:
        wrong = "the wrong password entirely"
        self.says(wrong, PASSWORD, NEW_PASSWORD, INVITED, INVITED_EMAIL, self.lena.totp_secret)
        self.secrets.add(base64.b32decode(self.lena.totp_secret))
        async with self.browser() as client:
            for password in (wrong, PASSWORD):
                typed = {"email": self.lena.email, "password": password}
                half = await client.post("/staff/sign-in", data=typed, headers={"user-agent": "Firefox Windows"})
            await client.post(half.headers["location"], data={"code": totp_of(self.lena, clock.real())})
            assert (await client.get("/desk")).status_code == 303
            await client.post("/staff/forgot", data={"email": self.lena.email})
            await password_requests.work_off()
        await a_passkey_of(self.lena)
        async with self.browser(self.lena) as desk:
            host = self.event.hosts[0]["name"]
            typed = {"full_name": INVITED, "email": INVITED_EMAIL, "host": host, "role": "viewer"}
            assert (await desk.post(f"/desk/{self.event.slug}/staff/invite", data=typed)).status_code == 303
        join = await self.their_link(Purpose.STAFF_INVITE)
        async with self.browser() as client:
            assert (await client.post(join, data={"password": NEW_PASSWORD})).status_code == 303
            page = (await client.get("/staff/set-up")).text
            secret = "".join(re.findall(r"\b[A-Z2-7]{4}\b", page.partition("<main")[2])[:8])
            shown = await client.post("/staff/set-up", data={"code": pyotp.TOTP(secret).at(clock.real())})
            codes = re.findall(r"\b[2-9A-HJKMNP-TV-Z]{5}-[2-9A-HJKMNP-TV-Z]{5}\b", shown.text)
            assert (shown.status_code, len(codes)) == (200, 10)
            self.says(secret, *codes)
            self.secrets.add(base64.b32decode(secret))

    async def dora_asks_and_gets_her_ticket(self) -> None:
        """And Hephzibah is halfway through her answers when the thief comes."""
        self.tells(DORA, HALFWAY)
        async with self.browser() as client:
            await answer_questions(client, self.event, HALFWAY)
        async with self.browser() as client:
            await ask(client, self.event, DORA)
            assert (await client.post(await self.their_link(Purpose.CONFIRM), data={"asked": "yes"})).status_code == 303
        dora, desk = await request_of(DORA.email), f"/desk/{self.event.slug}/people"
        async with self.browser(self.lena) as client:
            found = await client.post(f"{desk}/search", data={"text": DORA.name})
            assert DORA.name in (await client.get(found.headers["location"])).text
            decided = await client.post(f"{desk}/{dora.id}/decide", data={"decision": "approve", "seen": "confirmed"})
            assert decided.status_code == 303
        await self.undo_time_passes()
        self.dora, ticket = await Ticket.get(registration_id=dora.id), await self.their_link(Purpose.TICKET)
        async with self.browser() as client:
            assert self.dora.reference in (await client.get(ticket)).text
            assert (await client.get(f"{ticket}/calendar.ics")).status_code == 200
            assert (await client.get(f"/confirm/{ticket.rpartition('/')[2]}")).status_code == 404

    async def dora_names_a_colleague(self) -> None:
        """Who is to have her place, reads the question, and does not answer it."""
        self.says(COLLEAGUE)
        registration = await Registration.get(id=self.dora.registration_id)
        async with self.browser() as client:
            typed = {"email": COLLEAGUE, "ask": "yes", "seen": marks_of(registration)[0]}
            asked = await client.post(f"{path_to(registration, Purpose.MANAGE)}/hand-over", data=typed)
            assert asked.status_code == 303
            assert COLLEAGUE in (await client.get(await self.their_link(Purpose.TAKE_OVER))).text

    async def the_desk_decides(self) -> None:
        """Corrects a name, cancels, changes the lead's telephone, looks at the venue; the relay quotes whom it
        refuses."""
        corrected = await Registration.filter(state=State.APPROVED).order_by("id").first()
        cancelled = await Registration.filter(state=State.CONFIRMED).order_by("id").first()
        assert corrected is not None and cancelled is not None  # noqa: PT018  # to be read by mypy
        self.says(CORRECTED, BADGE, NEW_LEAD_PHONE)
        invited = Wanted("Lamplighters of Nether Ockham", "ottoline@ockham.example.org", 1, self.event.day, False)
        await inviting.make(self.event, invited, self.lena, THE_DAY)
        await self.note_all()
        here, event = f"/desk/{self.event.slug}", await Event.get(id=self.event.id)
        contacts = {"contact_email": event.contact_email, "contact_phone": event.contact_phone}
        async with self.browser(self.lena) as client:
            typed = fields(await client.get(f"{here}/people/{corrected.id}/details"))
            posts = {
                f"{here}/people/{corrected.id}/details": typed | MENDED,
                f"{here}/people/{cancelled.id}/cancel": {"seen": "confirmed"},
                f"{here}/event/contacts": contacts | {"lead_phone": NEW_LEAD_PHONE},
                f"{here}/people/{corrected.id}/ticket": {"seen": "approved"},
            }
            for path, data in posts.items():
                assert (await client.post(path, data=data)).status_code == 303, path
            assert (await client.post(f"{here}/event/venue/show")).status_code == 200
            assert CORRECTED in (await client.get(f"{here}/people/{corrected.id}")).text
        self.relay.refuses(corrected.email, f"550 5.1.1 <{corrected.email}>: {CORRECTED} is unknown here")
        await self.undo_time_passes()
        await self.emails_go_out()

    async def somebody_complains_and_something_is_lost(self) -> None:
        self.says(COMPLAINT, COMPLAINER, COMPLAINERS, FOUND_OUT, INCIDENT, WHY)
        async with self.browser() as client:
            typed = {"full_name": COMPLAINER, "email": COMPLAINERS, "account": COMPLAINT}
            assert (await client.post(f"/e/{self.event.slug}/complaint", data=typed)).status_code == 303
        complaint = await Complaint.all().order_by("-id").first()
        assert complaint is not None
        cases, today = f"/desk/{self.event.slug}/data-protection", clock.local(THE_DAY)
        async with self.browser(self.lena) as client:
            typed = {"outcome": "upheld", "finding": FOUND_OUT, "seen": str(complaint.version)}
            assert (await client.post(f"{cases}/complaints/{complaint.id}/outcome", data=typed)).status_code == 303
            opened = {"kind": "something else", "description": INCIDENT, "aware_day": today.date().isoformat(),
                      "aware_time": "08:00"}  # fmt: skip
            made = await client.post(f"{cases}/incidents/new", data=opened)
            path = made.headers["location"].partition("?")[0]
            decision = {"decision": "do not report it to the ICO", "reason": WHY, "hosts_told": "yes", "seen": "0"}
            assert (await client.post(f"{path}/decision", data=decision)).status_code == 303
            assert WHY in (await client.get(f"{path}/print")).text
            assert (await client.post(f"/desk/{self.event.slug}/after/lessons", data={"words": FOUND_OUT})).is_redirect
        await self.emails_go_out()

    async def phones_at_the_door(self) -> None:
        """A steward's, a lead's and a marshal's, paired from the desk's codes; the steward's is lost."""
        async with self.browser(self.lena) as desk:
            for name in (ENTRANCE, ENTRANCE):
                await desk.post(f"/desk/{self.event.slug}/doors", data={"door_name": name, "kind": "entrance"})
            assert ENTRANCE in (await desk.get(f"/desk/{self.event.slug}/doors")).text
        roles = {STEWARDS: "steward", LEADS: "door_lead", MARSHALS: "marshal"}
        paired = [await self.a_phone(name, role) for name, role in roles.items()]
        self.says(ENTRANCE, *roles)
        async with self.browser() as steward, self.browser() as lead, self.browser() as marshal:
            for client, (code, _) in zip((steward, lead, marshal), paired, strict=True):
                assert (await client.post("/door/api/pair", json={"code": code})).status_code == 200
            phone, row = HttpPhone(steward), await row_of(self.dora)
            assert (await phone.hears(row))["name"] == DORA.name
            assert (await phone.hears(await row_of(self.dora)))["door"] == self.door.name
            assert (await phone.hears(undo_row(row)))["verdict"] == "undone"
            await phone.types(self.dora.reference)
            await phone.types("222-222")
            assert (await steward.get("/door/api/list?since=0")).status_code == 200
            assert (await lead.post("/door/api/override", json={"pin": paired[1][1]})).status_code == 200
            await calls_the_roll(self, marshal)
        await self.a_release_list_is_printed()
        [lost] = [phone for phone in await DoorPass.all() if phone.name == STEWARDS]
        async with self.browser(self.lena) as client:
            revoked = await client.post(f"/desk/{self.event.slug}/phones/{lost.id}/revoke", data={"why": "lost"})
            assert revoked.status_code == 303

    async def a_phone(self, name: str, role: str) -> tuple[str, str]:
        """The typed code and the PIN, as the page shows them once."""
        async with self.browser(self.lena) as client:
            path = f"/desk/{self.event.slug}/doors/{self.door.id}/phones"
            shown = code_and_pin_on((await client.post(path, data={"phone_name": name, "role": role})).text)
        self.says(shown[0], shown[0].replace("-", ""))
        return shown

    async def what_is_over_is_deleted(self) -> None:
        """Of those who never confirmed, of whoever got no place, and of Ferdinand, who gives his up after asking."""
        self.tells(GONE)
        async with self.browser() as client:
            await ask(client, self.event, GONE)
        await self.emails_go_out()
        before = await Registration.filter(person_sealed__isnull=False).count()
        await deleting.turn(THE_DAY + THEN, clock.real())
        assert await Registration.filter(person_sealed__isnull=False).count() < before - 30
        assert [row for row in await Registration.all() if row.email == GONE.email] == []

    async def dora_uses_her_rights(self) -> None:
        """She has something corrected, gets a copy of her data and her ticket once more, and gives up her place."""
        self.says(WISH, DONE, *COLLEAGUES)
        asked = await request_of(DORA.email)
        link = f"/manage/{tokens.make(Purpose.MANAGE, asked.public_id, asked.generation)}"
        async with self.browser() as client:
            for kind, about in {"correction": WISH, "access": ""}.items():
                asks = await client.post(f"{link}/rights", data={"kind": kind, "about": about, "word": "send"})
                assert asks.status_code == 303
            await self.the_desk_answers_her()
            copy = await self.their_link(Purpose.COPY)
            assert (await client.post(copy, data={"open": "yes"})).status_code == 303
            assert DORA.email in (await client.get(f"{copy}/file")).text
            await self.she_names_two_colleagues(client, f"{link}/colleague")
            assert (await client.post(f"{link}/send-again", data={"again": "yes"})).status_code == 303
            await self.emails_go_out()
            assert (await client.post(f"{link}/give-up", data={"give_up": "yes", "seen": "place"})).status_code == 303
        await self.emails_go_out()

    async def she_names_two_colleagues(self, client: httpx2.AsyncClient, path: str) -> None:
        """One begins to answer, the other does not. A third said No, and is asked no more."""
        self.says(UNWILLING)
        assert (await client.post(path, data={"email": UNWILLING, "send": "yes"})).status_code == 303
        async with self.browser() as unwilling:
            no = await unwilling.post(await self.their_link(Purpose.COLLEAGUE), data={"place": "no", "word": "delete"})
            assert no.status_code == 303
        for address in COLLEAGUES:
            assert (await client.post(path, data={"email": address, "send": "yes"})).status_code == 303
        theirs = await self.their_link(Purpose.COLLEAGUE)
        async with self.browser() as colleague:
            assert COLLEAGUES[1] in (await colleague.get(theirs)).text
            assert (await colleague.post(theirs, data={"place": "yes"})).status_code == 303

    async def the_desk_answers_her(self) -> None:
        access, correction = await RightsRequest.all().order_by("-id").limit(2)
        here = f"/desk/{self.event.slug}/data-protection/requests"
        closed = {"outcome": "done as they asked", "note": DONE, "seen": str(correction.version)}
        async with self.browser(self.lena) as desk:
            assert (await desk.post(f"{here}/{correction.id}/close", data=closed)).status_code == 303
            assert DORA.email in (await desk.get(f"{here}/{access.id}")).text
            assert (await desk.post(f"{here}/{access.id}/copy")).status_code == 303
