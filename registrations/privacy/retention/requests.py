"""Empties requests that nobody confirmed, and those of events long past. Kind, state and times stay to count by.

Rules: DP-07.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Machine
from events.ground import live
from events.ground.database import after_commit, places, query, within_tx
from events.mail import quiet_hours
from events.mail.outbox import EPOCH
from registrations.asking import confirming
from registrations.deciding import taking_over
from registrations.people.address_change import WAITS_IN
from registrations.people.colleague import STANDS
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import EMPTY, FOR_THE_DAY, Registration, State

from . import rows
from .kept import Gone, Kept

TOGETHER = 50  # requests in one transaction: each leaves an entry of its own
NAMES_SOMEBODY = "person_sealed IS NOT NULL"
NOT_CONFIRMED = "(state IN ('requested', 'cancelled') AND confirmed_at IS NULL)"
HELD = (State.APPROVED, State.OFFERED, State.RECHECKING)
HAD_A_TICKET = "EXISTS (SELECT 1 FROM ticket WHERE ticket.registration_id = registration.id)"
OFFERED = f"(state IN {tuple(map(str, HELD))} OR {HAD_A_TICKET})"
TOLD_NEEDS = "needs_sealed IS NOT NULL"
NO_PLACE_HELD = f"state IN {tuple(str(state) for state in State if state not in HELD)}"
NOT_OFFERED = f"{NO_PLACE_HELD} AND NOT {HAD_A_TICKET}"
PLACE_ENDED = f"({' OR '.join(f'{name} IS NOT NULL' for name in FOR_THE_DAY)}) AND {NO_PLACE_HELD}"
ENDED_AT = "COALESCE(decided_at, withdrawn_at)"  # an approval that was withdrawn is no decision any more
EMPTIED = "state IN ('expired', 'cancelled') AND address_tag = ''"
UNREAD = """answers_sealed IS NOT NULL AND EXISTS
    (SELECT 1 FROM registration r WHERE r.id = link_answers.registration_id AND r.state = 'requested')"""
LINKS_OF = "registration_id IN (SELECT id FROM registration WHERE event_id IN ({events}))"
OF_LINK = "(SELECT event_id FROM registration r WHERE r.id = link_answers.registration_id)"
NEW_ADDRESS = "address_sealed IS NOT NULL"
NOT_LOOKED_AT = f"""(confirmed_at IS NULL OR NOT EXISTS (SELECT 1 FROM registration r
    WHERE r.id = address_change.registration_id AND r.state IN {tuple(map(str, WAITS_IN))}))"""  # noqa: S608
NOTHING_FROM_BEFORE = """NOT EXISTS (SELECT 1 FROM registration r
    WHERE r.id = former_address.registration_id AND r.person_sealed IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM complaint c
    WHERE c.event_id = former_address.event_id AND c.received_at <= former_address.moved_at)
    AND NOT EXISTS (SELECT 1 FROM rights_request w WHERE w.event_id = former_address.event_id
    AND w.email_sealed IS NOT NULL AND (w.received_at <= former_address.moved_at OR w.received_at <> w.taken_at))"""
EXPIRE = f"""UPDATE registration SET state = 'expired', {", ".join(f"{name} = ?" for name in EMPTY)}
    WHERE {{some}} RETURNING id, event_id"""  # noqa: S608
FORGET = f"""UPDATE registration SET {", ".join(f"{name} = ?" for name in EMPTY if name != "address_tag")},
    address_tag = 'deleted ' || id, public_id = 'deleted ' || id WHERE {{some}} RETURNING id, event_id"""  # noqa: S608
NO_ANSWERS = "UPDATE link_answers SET answers_sealed = NULL WHERE registration_id IN ({ids}) RETURNING id"
NO_LINKS = "DELETE FROM link_answers WHERE registration_id IN ({ids}) RETURNING id"
NO_CHANGES = "DELETE FROM address_change WHERE registration_id IN ({ids}) RETURNING id"
NO_COLLEAGUES = "DELETE FROM colleague WHERE registration_id IN ({ids}) RETURNING id"
NOT_NAMED = "UPDATE colleague SET request_id = NULL WHERE request_id IN ({ids}) RETURNING id"
NO_ADDRESS = "UPDATE {table} SET address_sealed = NULL WHERE {where} RETURNING {event} AS event_id"
COLLEAGUE_ASKED, NOT_ASKED_ANY_MORE = "address_sealed IS NOT NULL", f"NOT {STANDS}"
NO_HAND_OVERS = "DELETE FROM hand_over WHERE registration_id IN ({ids}) RETURNING id"
NOT_TAKEN_OVER = "UPDATE hand_over SET receiver_id = NULL WHERE receiver_id IN ({ids}) RETURNING id"
UNANSWERED = "address_sealed IS NOT NULL"


@within_tx
async def expire(kept: Kept, at: datetime, real: datetime) -> Gone:
    """Takes everything personal out of requests that nobody confirmed in time.

    Cancelling empties a request that nobody confirmed. One that still names somebody, as in an older copy, expires too.
    """
    return await _emptied(kept, EXPIRE, list(EMPTY.values()), [NO_ANSWERS], Action.EXPIRED, at, real)


@within_tx
async def forget(kept: Kept, at: datetime, real: datetime) -> Gone:
    """Takes everything personal out of requests whose event is long past. Neither tag nor public id lead to anybody
    then: no link has this one. The numbers of each kind stay."""
    left = [value for name, value in EMPTY.items() if name != "address_tag"]
    links = [NO_LINKS, NO_CHANGES, NO_COLLEAGUES, NOT_NAMED, NO_HAND_OVERS, NOT_TAKEN_OVER]
    return await _emptied(kept, FORGET, left, links, Action.FORGOTTEN, at, real)


async def _emptied(
    kept: Kept, sql: str, left: list[Any], links: Sequence[str], action: Action, at: datetime, real: datetime
) -> Gone:
    due = await rows.due(kept, at, real)
    some = due.some(kept, TOGETHER) if due else None
    emptied = await query(sql.format(some=some.where), [*left, *some.values]) if some else []
    gone = rows.by_event(emptied)
    for event_id, _ in rows.in_order(gone):
        ids = [row["id"] for row in emptied if row["event_id"] == event_id]
        for gone_too in links:
            await query(gone_too.format(ids=places(len(ids))), ids)
        acts: list[audit.Act] = [(action, Registration(id=id_), {}) for id_ in sorted(ids)]
        await audit.record_all(acts, by=Machine(), at=at, event_id=event_id)
        after_commit(live.publish, f"event:{event_id}")
    return gone


@within_tx
async def forget_needs(kept: Kept, at: datetime, real: datetime) -> Gone:
    """What was to be arranged for people, once their day is over."""
    return await _forget_columns(kept, ["needs_sealed"], at, real)


@within_tx
async def forget_for_the_day(kept: Kept, at: datetime, real: datetime) -> Gone:
    """All that was to be arranged for people who have no place any more. An undone decision still finds it."""
    return await _forget_columns(kept, list(FOR_THE_DAY), at, real)


async def _forget_columns(kept: Kept, columns: Sequence[str], at: datetime, real: datetime) -> Gone:
    due = await rows.due(kept, at, real)
    some = due.some(kept, rows.BATCH) if due else None
    emptied = ", ".join(f"{name} = NULL" for name in columns)
    sql = f"UPDATE registration SET {emptied} WHERE {{some}} RETURNING event_id"  # noqa: S608  # ours
    gone = rows.by_event(await query(sql.format(some=some.where), some.values) if some else [])
    await rows.record(kept, gone, at)
    return gone


@within_tx
async def forget_addresses(kept: Kept, at: datetime, real: datetime) -> Gone:
    """Takes out addresses that a guest typed, and to which nothing leads any more."""
    due = await rows.due(kept, at, real)
    if due is None:
        return Gone()
    where, values = due.some(kept, TOGETHER)
    return rows.by_event(
        await query(NO_ADDRESS.format(table=kept.rows.table, where=where, event=kept.rows.event), values)
    )


LAPSE = """UPDATE hand_over SET address_sealed = NULL, lapsed_at = ? WHERE {where}
    RETURNING registration_id, {event} AS event_id"""


@within_tx
async def let_lapse(kept: Kept, at: datetime, real: datetime) -> Gone:
    """Takes out addresses of colleagues who did not say whether they take a place over, and tells the guests: by night
    that waits for the morning."""
    due = await rows.due(kept, at, real)
    if due is None:
        return Gone()
    where, values = due.some(kept, TOGETHER)
    lapsed = await query(LAPSE.format(where=where, event=kept.rows.event), [at, *values])
    wait = quiet_hours.wait(at)
    for row in lapsed:
        guest = Registration(id=row["registration_id"], event_id=row["event_id"])
        await taking_over.tell(taking_over.NOT_ANSWERED, guest.id, guest.event_id, at, real + wait if wait else EPOCH)
        await audit.record(Action.HAND_OVER_LAPSED, guest, by=Machine(), at=at)
        after_commit(live.publish, f"event:{guest.event_id}")
    return rows.by_event(lapsed)


@within_tx
async def forget_links(kept: Kept, at: datetime, real: datetime) -> Gone:
    """Deletes the answers behind an expired link of a request that has a newer one. The desk shows what is left.

    One at a time: whoever says yes to several locks their rows in another order.
    """
    due = await rows.due(kept, at, real)
    found = await query(f"SELECT id FROM link_answers WHERE {due.where} LIMIT 1", due.values) if due else []  # noqa: S608
    links = LinkAnswers.filter(id__in=[row["id"] for row in found]).select_related("registration") if found else None
    return Gone([link.registration.event_id for link in await links if await _forget_link(link, at)] if links else [])


async def _forget_link(link: LinkAnswers, at: datetime) -> bool:
    """False if it was sent again, or confirmed, at the last moment."""
    held = await confirming.hold(link.registration_id)
    still = LinkAnswers.filter(id=link.id, asked_at=link.asked_at, answers_sealed__isnull=False)
    if await still.update(answers_sealed=None) != 1:
        return False
    if held is not None:
        await confirming.show_newest(held, at)
    return True
