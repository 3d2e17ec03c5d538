"""What is kept of acts on many people at once, and when it goes."""

from registrations.bulk.bulk_act import KEPT

from . import rows
from .kept import Kept, Rows


def classes() -> tuple[Kept, ...]:
    return (
        Kept(
            "bulk_acts", "Acts on many people", "what was done with whom of a list, by whom, and what came of it",
            str(KEPT), "entries of the audit log", Rows("bulk_act", days=KEPT.time), rows.delete_and_record,
        ),
        Kept(
            "reminders", "Reminders", "of what somebody was reminded last, by whom and when",
            str(KEPT), "entries of the audit log", Rows("reminder", days=KEPT.time), rows.delete_and_record,
        ),
    )  # fmt: skip
