"""Every class of data that goes by itself: one list, by which the turn deletes, and which documents and pages tell.

To add one, add it here; a test says which tables are in none. Rules: DP-07.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from events.accounts import sign_in
from events.accounts.staff import IDLE_FOR
from events.audit import forgetting
from events.audit.audit import Machine
from events.backup import backup_folder
from events.ground import keeping
from events.ground.database import within_tx
from events.ground.keeping import Period, span
from registrations.asking import draft
from registrations.badges import badge_print
from registrations.people import (
    address_change,
    colleague,
    erased,
    former_address,
    hand_over,
    invitation,
    needs,
    objection,
)
from registrations.people.link_answers import UNREAD
from registrations.people.person import NAMED, NOT_OFFERED, UNCONFIRMED
from registrations.people.registration import RECOGNISED
from registrations.privacy.cases import casework
from registrations.workshops import choice

from . import at_the_door, closed_cases, emails, many_at_once, past_events, requests, roll_calls, rows, taken_away
from .certificates import classes as of_certificates
from .feedback import classes as of_feedback
from .kept import Gone, Kept, Rows

CLOSED = Period(casework.KEPT_FOR, "after it is closed")
EMAILS = Period(timedelta(days=30), "after the event")
INVITATIONS = Period(invitation.KEPT_FOR, "after the event")
ENTRIES = Period(forgetting.KEPT_FOR, "after it was written")


@within_tx
async def forget_sessions(kept: Kept, at: datetime, real: datetime) -> Gone:
    return +Gone({None: await sign_in.forget(real)})


@within_tx
async def forget_entries(kept: Kept, at: datetime, real: datetime) -> Gone:
    return +Gone({None: await forgetting.forget(at, Machine())})


def _event_of(table: str) -> str:
    return at_the_door.EVENT_OF.format(table=table)


def _case(code: str, name: str, what: str, table: str, notice: str) -> Kept:
    over = Rows(table, since="closed_at", after=CLOSED.time)
    said = f"{notice}: {CLOSED}"
    left = "an entry of the audit log says that it went"
    return Kept(code, name, what, str(CLOSED), left, over, closed_cases.forget, said)


CLASSES = (
    Kept(
        "drafts", "Answers under way", "what somebody has answered and not sent yet, sealed",
        draft.KEPT, "nothing", Rows("draft", since="expires_at", by_machine=True), rows.delete,
        f"answers that you have not sent: {span(draft.IDLE)} after the last one, or until you delete them",
    ),
    Kept(
        "unconfirmed", "Requests that nobody confirmed", "what was asked with an address that nobody confirmed",
        str(UNCONFIRMED), f"an empty row, {RECOGNISED}",
        Rows("registration", f"{requests.NAMES_SOMEBODY} AND {requests.NOT_CONFIRMED}", since="requested_at",
             after=UNCONFIRMED.time), requests.expire,
        f"a request that nobody confirmed from the email: {UNCONFIRMED.time.days} days ({span(UNCONFIRMED.time)})",
    ),
    Kept(
        "links", "Answers behind older links", "answers sent with one address several times, each behind its own link",
        str(UNREAD), "nothing",
        Rows("link_answers", requests.UNREAD, since="asked_at", after=UNREAD.time, of=requests.LINKS_OF,
             event=requests.OF_LINK), requests.forget_links,
    ),
    Kept(
        "new_addresses", "New addresses that are not in use", "another address that a guest wants us to write to",
        str(address_change.UNREAD), "that another address was asked for, and when",
        Rows("address_change", requests.NEW_ADDRESS, requests.NOT_LOOKED_AT, since="asked_at",
             after=address_change.UNREAD.time, of=requests.LINKS_OF, event=address_change.EVENT_OF_CHANGE),
        requests.forget_addresses,
        f"another email address that you want us to use, and nobody confirms: {address_change.UNREAD}",
    ),
    Kept(
        "colleagues", "Colleagues and companions whom guests named",
        "the address of somebody who might want a place too, or come along",
        str(colleague.UNREAD), "that a colleague or a companion was named, and when",
        Rows("colleague", requests.COLLEAGUE_ASKED, since="asked_at", after=colleague.UNREAD.time,
             of=requests.LINKS_OF, event=colleague.EVENT_OF_COLLEAGUE), requests.forget_addresses,
        f"the address of a colleague, or of somebody who comes along, whom a guest names: {colleague.UNREAD}",
    ),
    Kept(
        "colleagues_of_nobody", "Colleagues of guests without a place",
        "the address of somebody whom a guest named whose place has ended since",
        "as soon as the guest has no place", "that a colleague or a companion was named, and when",
        Rows("colleague", requests.COLLEAGUE_ASKED, requests.NOT_ASKED_ANY_MORE, since="asked_at",
             of=requests.LINKS_OF, event=colleague.EVENT_OF_COLLEAGUE), requests.forget_addresses,
    ),
    Kept(
        "hand_overs", "Hand-overs that nobody has answered",
        "the address of somebody who is to take over a guest's place",
        str(hand_over.UNREAD), "that somebody was asked, and when",
        Rows("hand_over", requests.UNANSWERED, since="asked_at", after=hand_over.UNREAD.time, of=requests.LINKS_OF,
             event=hand_over.EVENT_OF_HAND_OVER),
        requests.let_lapse,
        f"your address, if a guest gave it to us to hand their place over to you: {hand_over.UNREAD}",
    ),
    Kept(
        "empty_requests", "Empty rows of requests", "that there was a request: its link opens a page that says so",
        str(RECOGNISED), "nothing",
        Rows("registration", requests.EMPTIED, since="requested_at", after=RECOGNISED.time), rows.delete,
    ),
    Kept(
        "needs", "Adjustments and diet", "what somebody with a place needs for the day, sealed, with their consent",
        str(needs.KEPT), "nothing",
        Rows("registration", requests.TOLD_NEEDS, days=needs.KEPT.time), requests.forget_needs,
        f"what adjustments you need, and what you eat: {needs.KEPT}, or at once when you withdraw your consent",
    ),
    Kept(
        "workshop_choices", "Choices of workshops", "which workshops somebody with a place wants, by numbers",
        str(needs.KEPT), "nothing", Rows("workshop_choice", days=needs.KEPT.time), rows.delete_and_record,
        f"{choice.NOTICE}: {choice.KEPT}",
    ),
    Kept(
        "workshop_places", "Places in workshops", "which workshop somebody takes part in, by numbers",
        str(needs.KEPT), "nothing", Rows("workshop_place", days=needs.KEPT.time), rows.delete_and_record,
    ),
    Kept(
        "badges", "Printed badges", "when whose badge was printed, by whom, and a keyed hash of what stood on it",
        str(needs.KEPT), "nothing", Rows("badge_print", days=needs.KEPT.time), rows.delete_and_record,
        f"{badge_print.NOTICE}: {needs.KEPT}",
    ),
    Kept(
        "lots", "Draws of workshops", "in which order people came in a draw, what they wanted and got, by numbers",
        str(needs.KEPT), "the seed, in the audit log", Rows("lot", days=needs.KEPT.time), rows.delete_and_record,
    ),
    Kept(
        "for_the_day", "Needs and choices of people without a place",
        "what people needed and chose for the day whose place has ended since",
        str(needs.WITHOUT_A_PLACE), "nothing",
        Rows("registration", requests.PLACE_ENDED, since=requests.ENDED_AT, after=needs.WITHOUT_A_PLACE.time),
        requests.forget_for_the_day,
    ),
    Kept(
        "not_offered", "People who were not offered a place",
        "what those told us who were declined, who waited and on whom nobody decided",
        str(NOT_OFFERED), "state, kind of organisation and times of the request",
        Rows("registration", f"{requests.NAMES_SOMEBODY} AND {requests.NOT_OFFERED} AND NOT {requests.NOT_CONFIRMED}",
             days=NOT_OFFERED.time),
        requests.forget,
        f"what you told us, if we offer you no place: {NOT_OFFERED}",
    ), *of_certificates(),
    Kept(
        "names", "People who have or had a place",
        "what they told us: names, address, organisation, role, telephone, and how they want to be seen",
        str(NAMED), "state, kind of organisation and times of the request",
        Rows("registration", f"{requests.NAMES_SOMEBODY} AND {requests.OFFERED}", days=NAMED.time), requests.forget,
        f"what you told us, if you have or had a place: {NAMED}; then only numbers stay, by kind of organisation",
    ),
    Kept(
        "data_key", "Data key, venue, programme, names of doors and the lead's telephone",
        "the key that opens what people told us, and what else it seals",
        f"{NAMED}, once the event names nobody", "nothing on the server; copies of the key are the hosts' to destroy",
        Rows("event", "data_key <> '' AND NOT rehearsal", days=NAMED.time, of="id IN ({events})", event="id"),
        past_events.give_up_keys,
    ),
    Kept(
        "emails", "Rows of emails", "which email was sent to whom, by numbers, when, and what the relay said",
        f"{EMAILS}, and {span(EMAILS.time)} after it was done; an acknowledgement with what it acknowledges",
        "nothing",
        Rows("message", may_go=emails.DONE_WITH, since="done_at", after=EMAILS.time, days=EMAILS.time),
        rows.delete_and_record,
        f"that we sent you an email, and whether it arrived: {EMAILS}",
    ),
    Kept(
        "mailings", "Emails to many", "which email went to many, why, when, and to how many",
        str(EMAILS), "nothing", Rows("mailing", days=EMAILS.time), rows.delete_and_record,
    ),
    Kept(
        "announcements", "Announcements", "what organisers wrote to many, sealed",
        str(EMAILS), "nothing", Rows("announcement", days=EMAILS.time), rows.delete_and_record,
    ),
    Kept(
        "filters", "Saved filters", "which part of a list organisers keep under a name, and who saved it",
        str(EMAILS), "nothing", Rows("saved_filter", days=EMAILS.time), rows.delete_and_record,
    ),
    Kept(
        "invitations", "Invitations", "codes for partners, sealed with the domain or address they are for",
        str(INVITATIONS), "nothing; nor who used which",
        Rows("invitation", days=INVITATIONS.time), rows.delete_and_record,
        f"an invitation code for you, and that you used one: {INVITATIONS}",
    ),
    Kept(
        "admissions", "Who came in", "by which ticket somebody came in at a door, when, and when they left",
        str(NAMED), "how many people came, by door and by kind of organisation",
        Rows("admission", days=NAMED.time, of=at_the_door.OF_DOORS, event=_event_of("admission")),
        at_the_door.forget_admissions,
        f"when you came in and through which door: {NAMED}; then only numbers stay, by door and kind of organisation",
    ),
    Kept(
        "conflicts", "Conflicts at doors", "scans of a ticket that could not all be right, and what it was",
        str(NAMED), "nothing",
        Rows("conflict", days=NAMED.time, of=at_the_door.OF_DOORS, event=_event_of("conflict")),
        rows.delete_and_record,
    ),
    Kept(
        "scans", "Scans", "each act at a door: ticket, phone, initials of who held it, time and verdict",
        str(NAMED), "nothing",
        Rows("scan", days=NAMED.time, of=at_the_door.OF_DOORS, event=_event_of("scan")), rows.delete_and_record,
    ),
    Kept(
        "ticks", "Lines typed up from paper", "which ticket was ticked on which sheet, who typed it up and when",
        str(NAMED), "nothing", at_the_door.TICKS, rows.delete_and_record,
    ),
    Kept(
        "releases", "Numbers of release lists", "keyed hashes of the numbers that let in walk-ins by telephone",
        str(NAMED), "nothing", Rows("release_number", days=NAMED.time), rows.delete_and_record,
    ),
    Kept(
        "sheets", "Sheets of paper for the doors",
        "which sheet was printed, by whom, with which tickets on it, and until when it may be kept", str(NAMED),
        "entries of the audit log", Rows("paper_sheet", days=NAMED.time), rows.delete_and_record,
    ),
    *of_feedback(), *taken_away.classes(), *roll_calls.classes(), *many_at_once.classes(),
    Kept(
        "walk_ins", "Walk-ins", "who was asked for at a door, why, and what organisers decided: by numbers",
        str(NAMED), "nothing", Rows("walk_in", days=NAMED.time), rows.delete_and_record,
    ),
    Kept(
        "tickets", "Tickets", "a ticket's number and reference, and whose request it is of",
        str(NAMED), "nothing", Rows("ticket", days=NAMED.time), rows.delete_and_record,
    ),
    Kept(
        "lead_cards", "Cards of door leads", "what phones know a lead's card by, and from when until when it counted",
        str(NAMED), "nothing", Rows("lead_card", days=NAMED.time), rows.delete_and_record,
    ),
    Kept(
        "phones", "Phones at doors", "the name of a phone, its pass, and when the server last heard from it",
        str(NAMED), "nothing", Rows("door_pass", days=NAMED.time), rows.delete_and_record,
    ),
    _case("complaints", "Complaints", "complaints about data protection, with what came of them", "complaint",
          "a complaint about data protection"),
    _case("incidents", "Incidents", "our notes about incidents with personal data", "incident",
          "our notes about an incident with personal data"),
    _case("rights_requests", "Rights requests", "what somebody asked about what we hold of them", "rights_request",
          "what you ask of us about your information, and what came of it"),
    Kept(
        "former_addresses", "Addresses that people had before",
        "an address that somebody had before they moved to another one, and which that is, sealed",
        former_address.KEPT, "nothing",
        Rows("former_address", may_go=requests.NOTHING_FROM_BEFORE, days=NAMED.time), rows.delete_and_record,
        f"{former_address.NOTICE}: {former_address.KEPT}",
    ),
    Kept(
        "erased", "Addresses that were erased",
        "keyed hashes of an address, of requests and of a consent that was withdrawn, so that no backup"
        " brings them back",
        erased.KEPT, "a line of tags beside the backups, for as long as those are kept",
        Rows("erased_address", since="erased_at", after=erased.HELD_FOR), rows.delete,
    ),
    Kept(
        "objections", "Addresses that said no",
        "a keyed hash of an address to which no guest makes us write again",
        objection.KEPT, "nothing", Rows("objection", days=NOT_OFFERED.time), rows.delete_and_record,
        "if you said no to an email that a guest had us send you: a code made from your address, by which we know not"
        f" to write there again for a guest, and which we cannot turn back into it: {objection.KEPT}",
    ),
    Kept(
        "tries", "Counted tries", "how often something was tried, under a keyed hash",
        "once they no longer count: 24 hours at most", "nothing",
        Rows("attempt", since="ends_at", of="", event="", by_machine=True), rows.delete,
    ),
    Kept(
        "sessions", "Sessions of staff", "that a browser is signed in, and which kind of browser it is",
        f"{span(IDLE_FOR)} without use, or {span(sign_in.AT_MOST)}", "nothing",
        Rows("session", since="last_used_at", after=IDLE_FOR, of="", event="", by_machine=True), forget_sessions,
    ),
    Kept(
        "audit", "Entries of the audit log",
        "who did what, by numbers and codes; old and new values of contacts, sealed",
        str(ENTRIES), "a boundary that proves where the log begins",
        Rows("audit_entry", since="at", after=ENTRIES.time + timedelta(days=1), of="", event="",
             in_order=True), forget_entries,
        f"who did what in this service, by numbers and without names: {span(ENTRIES.time)}",
    ),
)  # fmt: skip
BY_CODE: Mapping[str, Kept] = {kept.code: kept for kept in CLASSES}
BACKUPS = f"copies of the whole database, which we keep in case it is lost: {span(backup_folder.KEPT)}"
keeping.NOTICE[:] = [*(kept.notice for kept in CLASSES if kept.notice), BACKUPS]
