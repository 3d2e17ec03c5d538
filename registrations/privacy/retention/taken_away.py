"""What is kept of files that somebody took away, and when it goes."""

from registrations.exports.export import FILE
from registrations.people.person import NAMED

from . import rows
from .kept import Kept, Rows


def classes() -> tuple[Kept, ...]:
    return (
        Kept(
            "export_files", "Files that wait to be fetched", "a file with data about people that was asked for, sealed",
            str(FILE), "nothing", Rows("export_part", since="made_at", after=FILE.time, by_machine=True), rows.delete,
        ),
        Kept(
            "exports", "Exports", "which file with data about people was taken away, by whom, and what for, sealed",
            str(NAMED), "entries of the audit log", Rows("export", days=NAMED.time), rows.delete_and_record,
        ),
    )  # fmt: skip
