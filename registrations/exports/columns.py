"""Which files there are, who may take each, and its columns: a table by report, column and role, which pages, files and
docs/roles.md follow. The smallest set that serves the purpose is ticked; all else somebody has to tick.

Rules: SE-13, SE-09.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from events.accounts.staff import Detail, May, Role

from .export import ExportKind


class Column(NamedTuple):
    """`needs`: what a role has to see to take it away. `tells_who`: by it one knows whose line it is."""

    code: str
    title: str
    ticked: bool = False
    needs: Detail | None = None
    tells_who: bool = False


class Report(NamedTuple):
    """`kept`: so long after the event the file may be kept by whoever took it."""

    name: str
    what: str
    may: May
    columns: Sequence[Column]
    kept: timedelta
    needs: Detail | None = None

    def tells_who(self, codes: Collection[str]) -> bool:
        """Whether a file with these columns says whose its lines are."""
        return any(column.tells_who for column in self.columns if column.code in codes)

    def in_words(self, codes: Collection[str], lines: int) -> str:
        """Contacts, 1,200 lines, with Name, Email."""
        titles = ", ".join(column.title for column in self.columns if column.code in codes)
        return f"{self.name}, {lines:,} line{'' if lines == 1 else 's'}, with {titles}"

    def columns_for(self, role: Role) -> list[Column]:
        return [column for column in self.columns if column.needs is None or role.sees(column.needs)]


A_WEEK, A_DAY = timedelta(days=7), timedelta(days=1)
NAME, ORGANISATION = Column("name", "Name", ticked=True, tells_who=True), Column("organisation", "Organisation")
KIND, THEIR_ROLE, STATE = Column("kind", "Kind of organisation"), Column("role", "Role"), Column("state", "State")
BADGE_TYPE = Column("type", "Badge type")
WORKSHOPS = Column("workshops", "Workshops")  # once places in them are given out
EMAIL = Column("email", "Email", needs=Detail.EMAIL, tells_who=True)
REPORTS: Mapping[ExportKind, Report] = {
    ExportKind.PEOPLE: Report(  # the codes are those of the list's columns, where it has one
        "People list", "Whom the people list shows, with its filter, columns and order", May.ORGANISE,
        (
            NAME,
            Column("badge", "Name on the badge", tells_who=True),
            BADGE_TYPE,
            ORGANISATION,
            KIND,
            THEIR_ROLE,
            EMAIL,
            Column("telephone", "Telephone", needs=Detail.TELEPHONE, tells_who=True),
            STATE,
            Column("there", "At the event", needs=Detail.PRESENCE),
            WORKSHOPS,
            Column("asked", "Asked"),
        ),
        A_WEEK,
        needs=Detail.EMAIL,
    ),
    ExportKind.ATTENDANCE: Report(
        "Attendance", "Everybody with a place, and whether and when they came", May.ORGANISE,
        (
            NAME,
            ORGANISATION,
            KIND,
            THEIR_ROLE,
            Column("came", "Came", ticked=True, needs=Detail.PRESENCE),
            Column("came_in", "First came in", needs=Detail.PRESENCE),
            Column("left", "Left", needs=Detail.PRESENCE),
            WORKSHOPS,
        ),
        A_WEEK,
        needs=Detail.PRESENCE,
    ),
    ExportKind.CONTACTS: Report(
        "Contacts", "How to reach everybody with a place, who waits, or on whom nobody has decided", May.ORGANISE,
        (
            NAME,
            EMAIL._replace(ticked=True),
            Column("phone", "Telephone", needs=Detail.TELEPHONE, tells_who=True),
            ORGANISATION,
            KIND,
            THEIR_ROLE,
            STATE._replace(ticked=True),
            WORKSHOPS,
        ),
        A_WEEK,
        needs=Detail.EMAIL,
    ),
    ExportKind.BADGES: Report(
        "Badges", "What stands on the badges of everybody with a ticket", May.PRINT,
        (
            Column("badge_name", "Name on the badge", ticked=True, tells_who=True),
            Column("badge_organisation", "Organisation on the badge", ticked=True),
            BADGE_TYPE._replace(ticked=True),
            Column("photographs", "Photographs", ticked=True),
            Column("reference", "Reference", tells_who=True),
        ),
        A_WEEK,
    ),
    ExportKind.ACCESS: Report(
        "Access", "What guests need so that they can take part, a line for each thing", May.ACCESS,
        (
            NAME,
            Column("need", "Need", ticked=True),
            Column("room", "What it means for the rooms"),
            Column("step", "How far it is", ticked=True),
            Column("words", "In their words"),
            Column("reply", "What they were told"),
        ),
        A_DAY,
    ),
    ExportKind.CATERING: Report(
        "Catering", "How many guests eat what, and what guests let the caterer know", May.CATER,
        (
            Column("diet", "Diet", ticked=True),
            Column("guests", "Guests", ticked=True),
            Column("arrived", "Arrived"),
            Column("name", "Name", tells_who=True),
            Column("words", "In their words"),
        ),
        A_DAY,
    ),
    ExportKind.EMAILS: Report(
        "Emails", "Which emails went to people, when, and what became of each", May.ORGANISE,
        (
            NAME,
            EMAIL,
            Column("which", "Which email", ticked=True),
            Column("queued", "Written"),
            Column("state", "State", ticked=True),
        ),
        A_WEEK,
        needs=Detail.EMAIL,
    ),
}  # fmt: skip


def may_take(role: Role, kind: ExportKind) -> bool:
    report = REPORTS[kind]
    return role.may(May.EXPORT) and role.may(report.may) and (report.needs is None or role.sees(report.needs))


def kinds_for(role: Role) -> list[ExportKind]:
    return [kind for kind in REPORTS if may_take(role, kind)]
