"""Organisers write what stands on certificates: what was learned, who accredited it, and the hours that count."""

import json
from datetime import datetime
from itertools import pairwise

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event, held_event
from events.ground import clock
from events.ground.database import inserted, query, run_tx
from events.ground.refusal import Refused
from events.programme.changing import says_where
from events.programme.programme import programme_of

from .certificate import CertificateTerms, Hours, Words, new_check_key, seal_words

CHANGED_SINCE = "Someone else has changed what stands on the certificates since you opened this page. Look at it again."
TELLS_WHERE = "One of these texts says where the event is. A certificate is shown to others, so it may not."
FIRST = {"event_id": "int", "words_sealed": "bytea", "starts": "int", "ends": "int", "breaks": "jsonb",
         "version": "int", "check_key_sealed": "bytea"}  # fmt: skip
WRITE = "INSERT INTO certificate_terms {rows} ON CONFLICT (event_id) DO NOTHING RETURNING id"


async def suggested(event: Event) -> tuple[Hours | None, str]:
    """What may count, and where that comes from: the sessions of the programme, with breaks where there is none; or the
    event's hours. None while neither is known."""
    lines = (await programme_of(event)).lines
    if lines:
        ends, breaks = lines[0].ends, list[tuple[int, int]]()
        for _, line in pairwise(lines):
            if line.starts > ends:
                breaks.append((ends, line.starts))
            ends = max(ends, line.ends)
        return Hours(lines[0].starts, ends, breaks), "programme"
    if event.starts_at and event.ends_at:
        return Hours(_minutes(event.starts_at), _minutes(event.ends_at)), "event"
    return None, ""


@run_tx
async def write(event: Event, words: Words, hours: Hours, seen: int, by: Actor, at: datetime) -> None:
    """`seen`: the version that they changed; 0 where nothing was written. Certificates that guests have say from now on
    what is new. Raises Refused where somebody else was quicker, and for a text that says where the event is."""
    event = await held_event(event.id)  # nobody destroys its data key meanwhile
    if says_where(event, words.outcomes, words.accredited_by, words.accreditation):
        raise Refused(TELLS_WHERE, 422)
    sealed, breaks = seal_words(words, event), [list(span) for span in hours.breaks]
    if not seen:
        row = (event.id, sealed, hours.starts, hours.ends, json.dumps(breaks), 1, new_check_key(event.id))
        sql, values = inserted(FIRST, [row])
        written = bool(await query(WRITE.format(rows=sql), values))
    else:
        as_seen = CertificateTerms.filter(event_id=event.id, version=seen)
        changed = {"words_sealed": sealed, "starts": hours.starts, "ends": hours.ends, "breaks": breaks}
        written = await as_seen.update(**changed, version=seen + 1) == 1
    if not written:
        raise Refused(CHANGED_SINCE, 409)
    await audit.record(Action.CERTIFICATES_WRITTEN, event, by=by, at=at, event_id=event.id, version=seen + 1)


def _minutes(moment: datetime) -> int:
    there = clock.local(moment)
    return there.hour * 60 + there.minute
