"""Documents that follow from the code. `python -m tests.documents` writes them anew."""

from pathlib import Path

from events.accounts.passkeys.passkey import Device
from events.accounts.staff import Holder
from events.backup import backup_folder
from events.ground.keeping import span
from events.ground.personal import declared, declared_in
from registrations.people.choices import Choices
from registrations.people.needs import Needs
from registrations.people.person import NAMED, Person
from registrations.privacy.retention.classes import CLASSES
from registrations.privacy.retention.deleting import EVERY_SECONDS
from registrations.privacy.retention.stays import STAYS
from tests.tables import models

PURPOSES = Path(__file__).parents[1] / "docs" / "purposes.md"
TEXT = """# What we keep of people, why, and how long

Every personal column, its purpose, a proposed basis and its time. Then every class of data, and what deletes it by
itself. The two hosts' data protection officers decide the bases and times. This page is made from the code
(`python -m tests.documents`), and a test fails when it says anything else.

## Columns

{columns}
## Classes of data

A turn of the running server deletes what is over, every {minutes} minutes (`registrations/privacy/retention/`), in this
order. The desk shows how many rows of each there are and when the next go (*Data protection*, *What is deleted, and
when*), and afterwards how many went, but not of classes whose rows are people: beside the closing report that would
tell what it hides. The deletion report, which is printed for the officers, says as much.

{classes}
Once an event names nobody any more, {named} at the earliest, its data key is destroyed on the server: what
backups and older copies of the database still hold of its people opens no more. A rehearsal keeps its key, since its
clock may go back. Copies of the key, in the hosts' safes, are theirs to destroy: each lead is told by email, and
reminded every week until they have said at the desk what became of theirs.

Backups are deleted {backups} after they were made, by the turn that makes them. One that is restored is emptied at
once, by the same rules, before anybody can open it.

Of an audit log with which somebody tampered, that part and what came after it stay until it is put right: see
`audit verify`.

## What stays

Rows of these tables are not deleted by time.

{stays}"""


def purposes() -> str:
    return TEXT.format(
        columns=_table(("Column", "Purpose", "Basis (proposed)", "Kept until"), _columns()),
        classes=_table(("Class", "What it is", "Deleted", "What is left"), _classes()),
        stays=_table(("Table", "What it holds"), [(f"`{table}`", what) for table, what in STAYS.items()]),
        minutes=int(EVERY_SECONDS // 60),
        named=NAMED,
        backups=span(backup_folder.KEPT),
    )


def _columns() -> list[tuple[str, ...]]:
    """A line for each personal column, before them what is sealed as a whole in one of these."""
    sealed = {"person": Person, "needs": Needs, "choices": Choices, "holder": Holder, "device": Device}
    tables = {name: declared_in(value) for name, value in sealed.items()} | {
        model._meta.db_table: declared(model) for model in models()
    }
    return [
        (f"`{table}.{name}`", said.purpose, said.basis, said.kept)
        for table, columns in tables.items()
        for name, said in columns.items()
    ]


def _classes() -> list[tuple[str, ...]]:
    return [(kept.name, kept.what, kept.until, kept.leaves) for kept in CLASSES]


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    said = [f"| {' | '.join(cells)} |\n" for cells in [head, *rows]]
    return "".join([said[0], f"|{'---|' * len(head)}\n", *said[1:]])


if __name__ == "__main__":
    PURPOSES.write_text(purposes(), encoding="utf-8")
