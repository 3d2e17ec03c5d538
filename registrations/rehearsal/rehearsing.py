"""The rehearsal's event and its history: two hundred invented people in every state, made by the other verbs."""

import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from events import event_changes, event_file, known_organisation
from events.accounts import accounts
from events.accounts.staff import RoleName, Staff
from events.event import Event
from events.ground import clock
from events.ground.settings import Settings
from events.known_organisation import Row, Treatment
from registrations.asking import confirming, registering
from registrations.asking.made_or_found import Answers
from registrations.booking import own_booking
from registrations.booking.handing import handing_over
from registrations.booking.handing.handing_over import Details
from registrations.deciding import vetting
from registrations.people.hand_over import HandOver
from registrations.people.link_answers import LinkAnswers
from registrations.people.person import address_tag
from registrations.people.registration import OrganisationKind, Registration, with_event
from registrations.phones import door_changes
from registrations.privacy.cases import complaints, incidents
from registrations.privacy.cases.complaints import Written
from registrations.privacy.cases.incident import IncidentKind
from registrations.privacy.retention import deleting
from registrations.privacy.retention.classes import BY_CODE
from registrations.privacy.rights import rights_requests
from registrations.privacy.rights.rights_request import Right

from . import in_the_wifi
from .rehearsal_colleagues import name_colleagues
from .rehearsal_emails import mark_sent
from .rehearsal_needs import tell_needs
from .rehearsal_people import BODIES, Invented, people
from .rehearsal_programme import choose_workshops, write_programme

FOLDER = Path(__file__).parents[2] / "events"
SLUG = "launch"
HERE = "127.0.0.1"  # this computer alone
OPENED_BEFORE = timedelta(days=14)  # so long before the rehearsal begins the first request came
COMPLAINED_BEFORE, RIGHTS_BEFORE, LEFT_BEFORE = timedelta(days=3), timedelta(days=2), timedelta(minutes=40)
HANDED_BEFORE = timedelta(hours=23)
WANTED = {
    Right.ACCESS: "",
    Right.CORRECTION: "Our organisation has had another name since March. Please write it in full.",
    Right.ERASURE: "",
}
LEFT_LYING = "A printed list with four names was left in a meeting room. A colleague has just found it there."
RECENT = timedelta(hours=40)  # requests that wait for their confirmation are younger than a link lasts

KNOWN_KINDS = {OrganisationKind.POLICE, OrganisationKind.COUNCIL, OrganisationKind.PROBATION}
FATES = {  # how many of each hundred requests go which way
    "approved": 62,
    "to decide": 12,
    "waiting": 7,
    "not offered": 5,
    "not confirmed": 7,
    "never confirmed": 1,
    "gave up": 4,
    "cancelled": 2,
}


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


async def fill(at: datetime) -> Event:
    """Everything up to `at`, the moment at which the rehearsal begins."""
    began = at - OPENED_BEFORE
    event = (await event_file.load(FOLDER / "rehearsal.toml", began, clock.real())).event
    await known_organisation.load(event, known_bodies(), by=None, at=began)
    lena, axel = await hire(event, began)
    await event_changes.open_registration(event, by=lena, at=began)
    by_hand = {"automatic_offers": False}  # the waiting list stands still until somebody switches it on
    await event_changes.change(event, by_hand, by=lena, at=began, real=clock.real())
    await door_changes.make_door(event, "Main door", by=lena, at=began)
    await write_programme(event, lena, began)
    for person, fate, asked_at in history(people(), at):
        await live_through(event, person, fate, asked_at, lena)
    await name_colleagues(event, at)
    await complain(event, at - COMPLAINED_BEFORE)
    await use_their_rights(event, at - RIGHTS_BEFORE)
    await hand_a_place_over(event, at - HANDED_BEFORE)
    await tell_needs(event, axel, at)
    await choose_workshops(event, lena, at)
    left_at = at - LEFT_BEFORE
    await incidents.open_one(event, IncidentKind.SEEN, LEFT_LYING, left_at, lena, left_at)
    await deleting.delete(BY_CODE["unconfirmed"], at, clock.real())
    return event


async def complain(event: Event, at: datetime) -> None:
    """Somebody invented complains about data protection, and waits for an answer."""
    account = "I asked for a place, and your email came to a mailbox that my whole team reads.\nPlease tell me why."
    written = Written("Robin Marsh", "robin.marsh@lanterns.example.org", account)
    await complaints.make(event, written, "", at, clock.real())


async def use_their_rights(event: Event, at: datetime) -> None:
    """A guest wants to know what is held about them, another to have it corrected, and a third to have it deleted."""
    for number, (kind, about) in enumerate(WANTED.items()):
        guest = await with_event("event_id = ? AND state = 'approved' ORDER BY id LIMIT 1 OFFSET ?", event.id, number)
        if guest is not None:
            await rights_requests.ask(guest, kind, about, at, clock.real())


async def hand_a_place_over(event: Event, at: datetime) -> None:
    """A guest cannot come, and wants a colleague to have the place: that one has said yes, and waits for a decision."""
    guest = await with_event("event_id = ? AND state = 'approved' ORDER BY id LIMIT 1 OFFSET ?", event.id, len(WANTED))
    if guest is None:
        return
    address = f"frankie.holt@{guest.email.rpartition('@')[2]}"
    await handing_over.ask(guest, address, "", at, clock.real())
    hand_over = await HandOver.get(registration_id=guest.id).select_related("registration")
    for template in (handing_over.ASK, handing_over.ASKED):
        await mark_sent(template, guest.id, at)
    details = Details("Frankie Holt", "", guest.organisation, guest.kind, guest.role, "")
    await handing_over.take_up(hand_over, details, at + timedelta(hours=3))


def known_bodies() -> list[Row]:
    """The list that comes with the product, and some of the rehearsal's own invented bodies."""
    listed = known_organisation.rows_of((FOLDER / "known_organisations.csv").read_text())
    invented = [Row(body.domain, body.kind.value, Treatment.PARTNER) for body in BODIES if body.kind in KNOWN_KINDS]
    return [*listed, *invented]


async def hire(event: Event, at: datetime) -> tuple[Staff, Staff]:
    """A lead of each host, and somebody in each other role; returns the first lead and the access lead."""
    hosts = [host["name"] for host in event.hosts]
    crew = (
        ("Lena Hart", "lena.hart", hosts[0], RoleName.LEAD),
        ("Marcus Bell", "marcus.bell", hosts[-1], RoleName.LEAD),
        ("Omar Said", "omar.said", hosts[0], RoleName.ORGANISER),
        ("Vic Lowe", "vic.lowe", hosts[-1], RoleName.VIEWER),
        ("Bea Frost", "bea.frost", hosts[0], RoleName.BADGES),
        ("Axel Reed", "axel.reed", hosts[0], RoleName.ACCESS),
        ("Kit Moss", "kit.moss", hosts[-1], RoleName.CATERER),
    )
    made = [
        await accounts.add(f"{local}@hosts.example.org", name, host, [(event, role)], at, clock.real())
        for name, local, host, role in crew
    ]
    return made[0], made[-2]


def history(everybody: list[Invented], at: datetime) -> Iterable[tuple[Invented, str, datetime]]:
    """Who asked when, oldest first, and what became of it. People who are still unconfirmed asked last."""
    dealt = fates_of(everybody)
    settled = [pair for pair in dealt if pair[1] != "not confirmed"]
    unconfirmed = [pair for pair in dealt if pair[1] == "not confirmed"]
    yield from spread(settled, at - OPENED_BEFORE, at - RECENT)
    yield from spread(unconfirmed, at - RECENT, at)


def fates_of(everybody: list[Invented]) -> list[tuple[Invented, str]]:
    """What has happened to each person: the same in every rehearsal."""
    dealt = [fate for fate, share in FATES.items() for _ in range(share)]
    return [(person, dealt[(number * 37) % len(dealt)]) for number, person in enumerate(everybody)]


def approved_people() -> list[str]:
    """The email addresses of those who have a place when the rehearsal begins."""
    return [person.email for person, fate in fates_of(people()) if fate == "approved"]


def spread(
    pairs: list[tuple[Invented, str]], first: datetime, last: datetime
) -> Iterable[tuple[Invented, str, datetime]]:
    for number, (person, fate) in enumerate(pairs):
        yield person, fate, first + (last - first) * number / len(pairs)


async def live_through(event: Event, person: Invented, fate: str, at: datetime, lead: Staff) -> None:
    """Asks, confirms half an hour later, is decided on four hours later, and moves on after a day."""
    answers = Answers(
        full_name=person.full_name,
        email=person.email,
        organisation=person.organisation,
        kind=person.kind.value,
        role=person.role,
        badge_name=person.badge_name,
        phone=person.phone,
    )
    await registering.ask(event, answers, at, clock.real())
    if fate == "not confirmed":
        return
    registration = await Registration.get(event_id=event.id, address_tag=address_tag(event, person.email))
    link = await LinkAnswers.get(registration_id=registration.id).select_related("registration")
    await mark_sent("confirm", link.id, at)
    if fate == "never confirmed":
        return
    await confirming.confirm(link, at + timedelta(minutes=30))
    await decided(await Registration.get(id=registration.id), fate, at + timedelta(hours=4), lead)


async def decided(registration: Registration, fate: str, at: datetime, lead: Staff) -> None:
    if fate in {"approved", "gave up", "cancelled"}:
        ticket = await vetting.approve(registration, lead, at)
        if fate != "approved":  # theirs is no longer true when the mailer comes to it
            await mark_sent("ticket", ticket.id, at)
    elif fate == "waiting":
        await vetting.put_on_waiting_list(registration, lead, at)
    elif fate == "not offered":
        await vetting.not_offer(registration, lead, at)
    if fate == "gave up":
        await own_booking.give_up(registration, at + timedelta(days=1))
    elif fate == "cancelled":
        await vetting.cancel(registration, lead, at + timedelta(days=1))
