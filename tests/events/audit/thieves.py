"""An audit log, and who changes it in the database."""

from datetime import timedelta

from events.accounts.staff import Staff
from events.audit import audit_seal
from events.audit.action import Action
from events.audit.audit import MARKS, AuditEntry
from events.audit.seal import AuditSeal, head_of
from events.ground import keys
from events.ground.database import connection, is_postgres
from tests.people import MONDAY, recorded


async def ten_acts(staff: Staff) -> list[int]:
    """Their numbers."""
    for n in range(10):
        at = MONDAY + timedelta(seconds=n, microseconds=n)
        await recorded(Action.SEARCHED, staff, by=staff, at=at, event_id=n % 3, found=n, ids=[n, 2], whole=True)
    return [entry.id for entry in await AuditEntry.all().order_by("id")]


async def sealed_acts(staff: Staff) -> list[int]:
    """Ten more, and all are sealed; the numbers of all."""
    ids = await ten_acts(staff)
    await audit_seal.seal_all()
    return ids


async def as_a_thief(*statements: str) -> None:
    """Who has the database may take the triggers off first."""
    for table in ("audit_entry", "audit_seal"):
        for act in ("update", "delete"):
            on = f" ON {table}" if is_postgres() else ""
            await connection().execute_query(f"DROP TRIGGER IF EXISTS {table}_no_{act}{on}")
    for statement in statements:
        await connection().execute_query(statement)


async def written_after(sequence: int) -> None:
    """The newest entry was begun while this seal stood, as Muster itself would have written."""
    seal, newest = await AuditSeal.get(sequence=sequence), await AuditEntry.all().order_by("-id").first()
    assert newest is not None
    newest.written_after = head_of(seal.sequence, seal.mac)
    mark = newest.mark_under(keys.ring().sub_key(MARKS), newest.mark[:8])
    await as_a_thief(
        f"UPDATE audit_entry SET written_after = '{newest.written_after}', mark = '{mark}' WHERE id = {newest.id}"  # noqa: S608
    )


CUT_OFF = "Seals 8 to 10 were cut off: Muster had noted 10 as the newest."
CUT = ("DELETE FROM audit_seal WHERE sequence > 7",)
NOTE_GONE = "The note of the newest seal was removed."
NOTE_CHANGED = "The note of the newest seal was changed."
