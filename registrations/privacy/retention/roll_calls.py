"""What is kept of a roll call, and when it goes: ticks, starts and prints, roll calls, and keys of the list."""

from events.audit import triggers
from registrations.people.person import NAMED

from . import rows
from .kept import Kept, Rows

# As of scans: the database lets go of ticks once the people of the event were counted.
triggers.OVER["roll_tick"] = (
    "EXISTS (SELECT 1 FROM door d JOIN event e ON e.id = d.event_id JOIN attendance a ON a.event_id = e.id"
    " AND a.day = e.day AND a.door_id IS NULL AND a.kind = '' WHERE e.id ="
    " (SELECT r.event_id FROM roll_call r WHERE r.id = OLD.roll_call_id))"
)
TICKS = Rows(
    "roll_tick",
    days=NAMED.time,
    of="roll_call_id IN (SELECT id FROM roll_call WHERE event_id IN ({events}))",
    event="(SELECT event_id FROM roll_call WHERE roll_call.id = roll_tick.roll_call_id)",
)


def classes() -> tuple[Kept, ...]:
    """Those of a roll call: ticks go before the roll call, and before the tickets and phones that they are of."""
    return (
        Kept(
            "roll_ticks", "Ticks of a roll call", "which ticket a marshal ticked after an evacuation, how, and when",
            str(NAMED), "nothing", TICKS, rows.delete_and_record,
        ),
        Kept(
            "roll_presses", "Starts and prints of roll calls",
            "which phone started a roll call or printed it, and when",
            str(NAMED), "entries of the audit log", Rows("roll_press", days=NAMED.time), rows.delete_and_record,
        ),
        Kept(
            "roll_calls", "Roll calls", "when one began and ended, of whom, and how many people were inside then",
            str(NAMED), "entries of the audit log", Rows("roll_call", days=NAMED.time), rows.delete_and_record,
        ),
        Kept(
            "roll_keys", "Keys of roll calls", "the key of the list that marshals' phones hold, sealed", str(NAMED),
            "nothing", Rows("roll_key", days=NAMED.time), rows.delete_and_record,
        ),
    )  # fmt: skip
