"""What is kept of files that somebody brought along or took away, and of what organisers noted, and when it goes."""

from registrations.exports.export import FILE
from registrations.importing import kind_words, people_import
from registrations.people.person import NAMED

from . import rows
from .kept import Kept, Rows


def classes() -> tuple[Kept, ...]:
    return (
        Kept(
            "imports", "Lists that are being imported", "a list of people that organisers have uploaded, sealed",
            str(people_import.KEPT), "nothing; whoever was invited has a request",
            Rows("people_import", since="begun_at", after=people_import.KEPT.time, by_machine=True), rows.delete,
        ),
        Kept(
            "kind_words", "Words of imported lists",
            "what organisers said that words for kinds of organisation mean, sealed",
            str(kind_words.KEPT), "nothing", Rows("kind_words", days=kind_words.KEPT.time), rows.delete_and_record,
        ),
        Kept(
            "export_files", "Files that wait to be fetched", "a file with data about people that was asked for, sealed",
            str(FILE), "nothing", Rows("export_part", since="made_at", after=FILE.time, by_machine=True), rows.delete,
        ),
        Kept(
            "lessons", "Notes for next time", "what organisers would do better next time, in their words, sealed",
            str(NAMED), "nothing", Rows("lesson", days=NAMED.time), rows.delete_and_record,
        ),
        Kept(
            "exports", "Exports", "which file with data about people was taken away, by whom, and what for, sealed",
            str(NAMED), "entries of the audit log", Rows("export", days=NAMED.time), rows.delete_and_record,
        ),
    )  # fmt: skip
