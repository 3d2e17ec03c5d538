"""What to try in a rehearsal, in the order of a month. Whether it was done is read from what happened since."""

from collections.abc import Collection
from typing import NamedTuple

from events.accounts.staff import May
from events.audit.action import Action
from events.audit.audit import about
from events.event import Event
from events.ground.database import places, query
from registrations.people.registration import of_address

from .rehearsal_stories import LOOKALIKE

DECIDED = {Action.APPROVED, Action.FIRST_APPROVED, Action.PUT_ON_WAITING_LIST, Action.NOT_OFFERED, Action.OFFERED}
ANSWERED = DECIDED | {Action.MORE_ASKED, Action.CANCELLED}
NOTHING_DONE = {Action.OFFER_RAN_OUT, Action.HAND_OVER_LAPSED}  # recorded of guests who let a time pass
BY_A_GUEST = set(Action) - NOTHING_DONE
ARRANGED = {Action.NEED_MOVED, Action.NEEDS_READ}
ACTS = "SELECT count(*) AS times FROM audit_entry WHERE id > ? AND {whose} AND action IN ({actions})"
BY_STAFF, BY_GUESTS = "actor LIKE 'staff:%'", "actor LIKE 'person:%'"
ABOUT_ONE = "actor LIKE 'staff:%' AND subject = '{subject}'"
SCANNED = """SELECT s.id FROM scan s JOIN audit_entry a ON a.actor = {pass} || s.door_pass_id
    WHERE a.id > ? AND a.action = ? LIMIT 1""".replace("{pass}", "'pass:'")


class Words(NamedTuple):
    """In two sentences what to see, and the page, below the desk of the event unless it begins with a slash."""

    title: str
    says: str
    path: str


OF_ORGANISERS = (
    Words("Decide two requests",
          "Each says what its address tells: whose it is, or that nobody here knows it. Approve one and decline"
          " another: for half a minute you can undo it.", "requests"),
    Words("Answer somebody who looks like a council",
          f"The address of {LOOKALIKE.full_name} has westmoor-counci1 in it, a digit for the last letter, and the page"
          " says whose it resembles. Decline, or ask for a manager's contact: no email gives a reason.", "people/{}"),
    Words("Write to everybody with a place",
          "Before anything goes out you read the email as text and as picture, with the number of people. A minute"
          " after you send it, it is in the mailbox.", "emails/announcements/new"),
    Words("Print badges",
          "One PDF has all of them, or those that are new or have changed since. Whoever wants no organisation on"
          " the badge has none.", "badges"),
    Words("Take a list away",
          "A file has the columns that you choose, of those that your role sees, and says until when to destroy it."
          " It can be fetched once.", "exports"),
    Words("Pair a phone, and scan a practice ticket",
          "Move the clock to 15 April, 09:05, make a code here, and type it at Door in another browser. The page of"
          " the morning has tickets to hold to its camera, and their references to type.", "doors"),
    Words("Settle a conflict",
          "Move the clock on to 09:20: a phone without a network has let in a ticket that was in already. Two times"
          " and two phones stand there; say what it was.", "conflicts"),
    Words("Close the door",
          "Move the clock to 11:30. Each phone sends what it holds and erases it, and this page says which has.",
          "doors/close"),
    Words("See what is deleted, and when",
          "Each kind of information has its day here, with how much there is and when the next goes. Move the clock"
          " to the day after: what is over goes at once.", "data-protection/deletion"),
    Words("Read the audit log",
          "All that you did here stands in it, and that you read it. It is sealed as it grows, and this page would"
          " warn of an entry that was changed or taken out.", "audit"),
)  # fmt: skip
OF_OTHERS = (
    Words("Be a guest",
          "Open an email in the mailbox, and follow its link: say what you eat, name a colleague, or give the place"
          " up. The desk sees it at once.", "/rehearsal/mailbox?find=A+week"),
    Words("Be a steward, a door lead or a marshal",
          "The morning's page has each part in turn, with tickets to try. One browser is one phone at a time.",
          "/rehearsal/morning"),
    Words("Be the access lead or the caterer",
          "They see what guests need and eat, and no lead does. Take the role here, and note how far something is"
          " arranged.", "/rehearsal/roles"),
)  # fmt: skip
LEADS_ONLY = {"audit"}


class Step(NamedTuple):
    title: str
    says: str
    path: str
    done: bool | None  # None: a page to read, which nothing says that somebody did
    may: May | None  # what the role may do to whom the page opens; None: everybody


async def newest_entry() -> int:
    """Of the audit log: all later ones are of whoever tries the rehearsal."""
    return int((await query("SELECT coalesce(max(id), 0) AS id FROM audit_entry", []))[0]["id"])


class Since:
    """What happened since an entry of the audit log."""

    def __init__(self, entry: int) -> None:
        self.entry = entry

    async def times(self, actions: Collection[Action], whose: str = BY_STAFF) -> int:
        sql = ACTS.format(whose=whose, actions=places(len(actions)))
        return int((await query(sql, [self.entry, *(action.value for action in actions)]))[0]["times"])

    async def has(self, *actions: Action, whose: str = BY_STAFF) -> bool:
        return await self.times(actions, whose) > 0

    async def scanned(self) -> bool:
        """By a phone that somebody paired."""
        return bool(await query(SCANNED, [self.entry, Action.PASS_PAIRED.value]))


async def of_organisers(event: Event, since: Since) -> list[Step]:
    lookalike = await of_address(event, LOOKALIKE.email)
    about_them = ABOUT_ONE.format(subject=about(lookalike)) if lookalike else ""
    done = [
        await since.times(DECIDED) > 1,
        bool(about_them) and await since.has(*ANSWERED, whose=about_them),
        await since.has(Action.MAILING_BEGUN),
        await since.has(Action.BADGES_PRINTED),
        await since.has(Action.EXPORT_FETCHED),
        await since.scanned(),
        await since.has(Action.CONFLICT_SETTLED),
        event.doors_closed_at is not None,
        None,
        await since.has(Action.AUDIT_VIEWED),
    ]
    number = lookalike.id if lookalike else ""
    return [
        Step(told.title, told.says, f"/desk/{event.slug}/{told.path.format(number)}".rstrip("/"), is_done,
             May.LEAD if told.path in LEADS_ONLY else May.ORGANISE)
        for told, is_done in zip(OF_ORGANISERS, done, strict=True)
    ]  # fmt: skip


async def of_others(since: Since) -> list[Step]:
    done = [await since.has(*BY_A_GUEST, whose=BY_GUESTS), await since.scanned(), await since.has(*ARRANGED)]
    return [Step(*told, is_done, None) for told, is_done in zip(OF_OTHERS, done, strict=True)]
