"""All that is said on a day, and every link, code and cookie, noted while it happens: what a thief would look for."""

import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from urllib.parse import unquote

import httpx2

from events.accounts.passkeys.passkey import Passkey
from events.accounts.staff import Holder, Staff
from events.event import Event
from events.ground.database import Database
from events.ground.tokens import ID_LENGTH, Purpose
from events.mail import mailer
from events.programme.programme import ProgrammeItem
from registrations import all_emails
from registrations.certificates.certificate import Certificate, CertificateTerms
from registrations.people.address_change import AddressChange
from registrations.people.former_address import FormerAddress
from registrations.people.invitation import Invitation
from registrations.people.link_answers import LinkAnswers
from registrations.people.person import Person as Told
from registrations.people.registration import Registration
from registrations.phones.door import Door, DoorPass
from registrations.privacy.cases.complaint import Complaint
from registrations.privacy.cases.incident import Incident
from registrations.privacy.rights.rights_request import RightsRequest
from registrations.tickets.ticket import Ticket, code_of, proof_of, secret_of
from tests.browser import browsing
from tests.conftest import SETTINGS
from tests.hostile.searching import FIRST, unwrapped
from tests.people import Person
from tests.smtp_sink import Sink

WORDS_OF_OTHERS = {"Manager", "Lecturer", "Adviser", "Analyst", "Midwife", "Caseworker"}  # roles that are common words
LISTED = {"Eastvale Police"}  # by its domain among the known organisations
NETWORKS = ("198.51.100.23", "203.0.113.77")  # from which people ask
LINK = re.compile(
    rb"https://places\.example\.org/(?:confirm|ticket|manage|take-over|copy|feedback|colleague|new-address|keep-address|staff/join|staff/reset)"
    rb"/([a-z2-7]{42})"
)


class Notes:
    """`said` are texts, `secrets` bytes that open something, `links` the secret halves of those that emails had."""

    event: Event

    def __init__(self, database: Database, relay: Sink) -> None:
        self.database, self.relay = database, relay
        self.said: set[str] = set(NETWORKS)
        self.links: set[str] = set()
        self.secrets: set[bytes] = set()
        self.public: set[str] = set()
        self._read = 0

    def says(self, *texts: str) -> None:
        self.said |= {line for text in texts for line in text.splitlines() if len(line) >= FIRST}

    def tells(self, *people: Person) -> None:
        for person in people:
            self.says(person.name, person.badge_name, person.email, person.organisation, person.role, person.phone)

    @asynccontextmanager
    async def browser(self, staff: Staff | None = None, network: int = 0) -> AsyncIterator[httpx2.AsyncClient]:
        async with browsing(self.database, staff, network=NETWORKS[network]) as client:
            yield client
            self.says(*(unquote(cookie.value or "") for cookie in client.cookies.jar))

    async def note_all(self) -> None:
        """All that names or places somebody, or opens something of theirs, as it stands now."""
        people: list[Told | Holder] = [row.person for row in await Registration.filter(person_sealed__isnull=False)]
        for value in [*people, *[member.holder for member in await Staff.all()]]:
            self.says(*(str(getattr(value, name)) for name in value.__slots__))
        for device in filter(None, [passkey.device for passkey in await Passkey.all()]):
            self.says(device.name, device.credential, device.public_key)
        for guest in await Registration.filter(needs_sealed__isnull=False):
            self.says(guest.needs.adjustment_words, guest.needs.diet_words)
        for wish in await AddressChange.exclude(address_sealed=None):
            self.says(wish.address)
        for former in await FormerAddress.all():
            self.says(*(former.move or ()))
        for link in await LinkAnswers.exclude(answers_sealed=None):
            self.says(*link.answers.values())
            self.notes_link(link.link.rpartition("/")[2])
        for invitation in await Invitation.all():
            self.says(*asdict(invitation.terms).values() if invitation.terms else ())
        for complaint in await Complaint.all():
            self.says(*filter(None, [complaint.name, complaint.email, complaint.account, complaint.finding]))
        for incident in await Incident.all():
            self.says(*filter(None, [incident.description, incident.reason]))
        for request in await RightsRequest.all():
            self.says(*filter(None, [request.email, request.about, request.note]))
        self.says(*(door.name for door in await Door.all()), *(phone.name for phone in await DoorPass.all()))
        event = await Event.get(id=self.event.id)
        self.says(event.lead_phone, event.venue, event.wellbeing, event.bring)
        for part in await ProgrammeItem.all():
            self.says(*asdict(part.words).values() if part.words else ())
        for terms in await CertificateTerms.all():
            self.says(*asdict(terms.words).values() if terms.words else ())
        for held in filter(None, [certificate.held for certificate in await Certificate.all()]):
            self.says(held.number, held.number.replace("-", ""))
        for ticket in await Ticket.all():
            self.says(ticket.reference, code_of(event, ticket.n))
            self.secrets |= {secret_of(event, ticket.n), proof_of(event, ticket.n)}
        self.public |= {row.kind.value for row in await Registration.all()} | WORDS_OF_OTHERS | LISTED
        self.said -= self.public

    def notes_link(self, token: str) -> None:
        """The public half stands in the database: it opens nothing."""
        secret = token[ID_LENGTH:]
        self.says(secret)
        self.secrets.add(base64.b32decode(secret.upper() + "=" * (-len(secret) % 8)))

    async def emails_go_out(self) -> list[str]:
        """The paths of the links in those that have just come."""
        await mailer.send_due(all_emails.writers(), SETTINGS.model_copy(update={"smtp_port": self.relay.port}))
        new, self._read = self.relay.caught[self._read :], len(self.relay.caught)
        raw = b"".join(unwrapped(email.raw).replace(b"=3D", b"=") for email in new)
        for token in {found.decode() for found in LINK.findall(raw)}:
            self.links.add(token[ID_LENGTH:])
            self.notes_link(token)
        return [found.group().decode().partition("example.org")[2] for found in LINK.finditer(raw)]

    async def their_link(self, purpose: Purpose) -> str:
        """Its path, from the newest email that has one."""
        start = f"/{purpose.value.replace('staff invite', 'staff/join').replace('staff reset', 'staff/reset')}/"
        return [path for path in await self.emails_go_out() if path.startswith(start)][-1]
