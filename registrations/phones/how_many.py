"""How many phones there are, for whoever operates the server: of all events together, and none by its name."""

from datetime import datetime, timedelta

from events.ground.database import query
from events.operating.metrics import Number

SILENT_AFTER = timedelta(minutes=2)  # of which nothing was heard
PHONES = """SELECT count(*) AS phones, count(CASE WHEN last_seen_at > ? THEN 1 END) AS heard,
    coalesce(sum(to_send), 0) AS to_send FROM door_pass
    WHERE paired_at IS NOT NULL AND revoked_at IS NULL AND expires_at > ?"""


async def numbers(real: datetime) -> list[Number]:
    [row] = await query(PHONES, [real - SILENT_AFTER, real])
    return [
        Number("muster_phones", "Paired phones whose pass counts", row["phones"]),
        Number("muster_phones_heard", "Those of them that were heard of in the last two minutes", row["heard"]),
        Number("muster_phones_to_send", "Scans that they still hold, as they last said", float(row["to_send"])),
    ]
