"""The rehearsal's event and its history: two hundred invented people in every state, made by the other verbs."""

import shutil
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from events import event_changes, event_file, known_organisation
from events.accounts import accounts
from events.accounts.passwords import NOBODYS
from events.accounts.staff import RoleName, Staff
from events.event import Event
from events.ground import clock
from events.ground.database import run_tx
from events.ground.settings import Settings
from events.known_organisation import Row, Treatment
from registrations.people.registration import OrganisationKind
from registrations.phones import door_changes
from registrations.privacy.cases import complaints, incidents
from registrations.privacy.cases.complaint import Complaint
from registrations.privacy.cases.complaints import Written
from registrations.privacy.cases.incident import IncidentKind
from registrations.privacy.retention import deleting
from registrations.privacy.retention.classes import BY_CODE
from registrations.privacy.rights import rights_requests
from registrations.privacy.rights.rights_request import Right, RightsRequest

from . import in_the_wifi, rehearsal_stories
from .living import lives_through
from .rehearsal_colleagues import name_colleagues
from .rehearsal_emails import mark_sent
from .rehearsal_lives import approved_people, lives
from .rehearsal_needs import tell_needs
from .rehearsal_people import BODIES
from .rehearsal_programme import choose_workshops, write_programme
from .story import Story
from .working_days import Calendar

FOLDER = Path(__file__).parents[2] / "events"
SLUG = "launch"
HERE = "127.0.0.1"  # this computer alone
LEFT_BEFORE = timedelta(minutes=40)
WANTED = {
    Right.ACCESS: "",
    Right.CORRECTION: "Our organisation has had another name since March. Please write it in full.",
    Right.ERASURE: "",
}
LEFT_LYING = "A printed list with four names was left in a meeting room. A colleague has just found it there."
AREAS = ("Westmoor", "Eastvale", "Nether Valley")  # invented too
KNOWN_KINDS = {OrganisationKind.POLICE, OrganisationKind.COUNCIL, OrganisationKind.PROBATION}
CREW = (  # name, number of the host, role
    ("Lena Hart", 0, RoleName.LEAD),
    ("Marcus Bell", -1, RoleName.LEAD),
    ("Omar Said", 0, RoleName.ORGANISER),
    ("Vic Lowe", -1, RoleName.VIEWER),
    ("Bea Frost", 0, RoleName.BADGES),
    ("Axel Reed", 0, RoleName.ACCESS),
    ("Kit Moss", -1, RoleName.CATERER),
)


def settings_for(port: int, smtp_port: int, folder: Path, lan: str = "") -> Settings:
    """Ignores the environment of a live installation. The database is made anew in this folder. `lan`: this computer's
    address, by which others may open it too."""
    shutil.rmtree(folder, ignore_errors=True)
    own = in_the_wifi.make_certificate(folder, lan, clock.real()) if lan else None
    return Settings(
        host=lan or HERE,
        base_url=f"https://{lan}:{port}" if lan else f"http://localhost:{port}",
        database_url=f"sqlite://{folder / 'muster.db'}",
        sender="Conference places <places@rehearsal.example.org>",
        reply_to="organisers@rehearsal.example.org",
        smtp_host="127.0.0.1",
        smtp_port=smtp_port,
        smtp_tls="none",
        smtp_user="",
        bounces="",
        bounces_host="",
        dkim_selector="",
        workers=1,
        metrics_port=None,
        security_contact="",
        trusted_proxy="",
        tls_certificate=own,
        tls_key=own,
        backup_folder=None,
    )


async def fill(until: datetime) -> Event:
    """Everything up to the moment at which the rehearsal begins."""
    calendar = Calendar(until)
    began = calendar.opened - timedelta(minutes=30)
    event = (await event_file.load(FOLDER / "rehearsal.toml", began, clock.real())).event
    await known_organisation.load(event, known_bodies(), by=None, at=began)
    crew = await hire(event, began)
    lena = crew["lena.hart"]
    by_hand = {"automatic_offers": False}  # the waiting list stands still until somebody switches it on
    await event_changes.change(event, by_hand, by=lena, at=began, real=clock.real())
    await door_changes.make_door(event, "Main door", by=lena, at=began)
    await write_programme(event, lena, began)
    await event_changes.open_registration(event, by=lena, at=calendar.opened)
    event, lived = await Event.get(id=event.id), lives(until)
    story = Story(event, crew, until)
    for life in lived:
        lives_through(story, life)
    name_colleagues(story)
    tell_needs(story)
    choose_workshops(story, lived)
    use_their_rights(story)
    rehearsal_stories.tell(story, lived)
    story.then(calendar.on(2, 9, 10), partial(complain, event))
    story.then(max(until - LEFT_BEFORE, calendar.on(1, 17, 50)), partial(leave_a_list, story))
    await story.happens()
    await deleting.delete(BY_CODE["unconfirmed"], until, clock.real())
    return event


async def complain(event: Event, at: datetime) -> None:
    """Somebody invented complains about data protection, and waits for an answer."""
    account = "I asked for a place, and your email came to a mailbox that my whole team reads.\nPlease tell me why."
    written = Written("Robin Marsh", "robin.marsh@lanterns.example.org", account)
    await complaints.make(event, written, "", at, clock.real())
    await mark_sent("complaint_received", (await Complaint.get(event_id=event.id)).id, at)


def use_their_rights(story: Story) -> None:
    """A guest wants to know what is held about them, another to have it corrected, and a third to have it deleted."""
    for number, (email, kind) in enumerate(zip(approved_people(), WANTED, strict=False)):
        story.then(story.calendar.on(1, 12, 10 + 15 * number), partial(_use_a_right, story, email, kind))


async def _use_a_right(story: Story, email: str, kind: Right, at: datetime) -> None:
    await rights_requests.ask(await story.person(email), kind, WANTED[kind], at, clock.real())
    [newest, *_] = await RightsRequest.filter(event_id=story.event.id).order_by("-id")
    await mark_sent("rights_received", newest.id, at)


async def leave_a_list(story: Story, at: datetime) -> None:
    await incidents.open_one(story.event, IncidentKind.SEEN, LEFT_LYING, at, story.crew["lena.hart"], at)


def known_bodies() -> list[Row]:
    """The list that comes with the product, and some of the rehearsal's own invented bodies."""
    listed = known_organisation.rows_of((FOLDER / "known_organisations.csv").read_text())
    invented = [
        Row(body.domain, body.kind.value, Treatment.PARTNER, next((area for area in AREAS if area in body.name), ""))
        for body in BODIES
        if body.kind in KNOWN_KINDS
    ]
    return [*listed, *invented]


async def hire(event: Event, at: datetime) -> dict[str, Staff]:
    """A lead of each host, and somebody in each other role. All have joined, and nobody knows a password of theirs."""
    hosts = [host["name"] for host in event.hosts]
    made = {}
    for name, host, role in CREW:
        local, roles = name.lower().replace(" ", "."), [(event, role)]
        staff = await accounts.add(f"{local}@hosts.example.org", name, hosts[host], roles, at, clock.real())
        await _join(staff, at)
        made[local] = staff
    return made


@run_tx
async def _join(staff: Staff, at: datetime) -> None:
    await Staff.filter(id=staff.id).update(password_hash=NOBODYS, joined_at=at, totp_set_at=at)
