"""How many people a steward has sent to the lead, where nothing was decided yet: a number, and nobody's name."""

from datetime import datetime, timedelta

from events.ground.database import query
from registrations.codes.verdict import RULES, SCANNED_TWICE, Sign, Verdict

FOR = timedelta(minutes=5)  # whoever was sent there before has gone, or stands where no scan tells
ASIDE = sorted(verdict.value for verdict, rule in RULES.items() if rule.server and rule.sign is Sign.AMBER)
SETTLED = [Verdict.OK.value, Verdict.TURNED_AWAY.value]
REPEAT = "CAST(s.answer AS TEXT) LIKE '%\"twice\"%'"  # of whoever is in: nobody is sent anywhere
MISTAKE = f"later.verdict = '{Verdict.ALREADY_IN}' AND later.code = '{SCANNED_TWICE}'"  # a lead has said so
WAITING = f"""SELECT count(DISTINCT s.ticket_id) AS people FROM door d CROSS JOIN scan s
    WHERE d.event_id = ? AND s.door_id = d.id AND s.happened_at > ? AND s.kind = 'in' AND NOT s.passed
    AND s.verdict IN ({", ".join(f"'{verdict}'" for verdict in ASIDE)}) AND NOT {REPEAT}
    AND NOT EXISTS (SELECT 1 FROM scan later WHERE later.ticket_id = s.ticket_id AND later.id > s.id
    AND (later.passed OR later.verdict IN (?, ?) OR ({MISTAKE})))"""  # noqa: S608  # ours


async def waiting(event_id: int, at: datetime) -> int:
    """People, however often they were scanned. A calm repeat on the phone that let somebody in settles nothing: whom
    another phone has sent aside with the same ticket meanwhile still waits. `at` is the event's time."""
    [row] = await query(WAITING, [event_id, at - FOR, *SETTLED])
    return int(row["people"])
