"""Who looked, on its page: how much each member of staff read, what was unusual, and nothing of another event."""

import re
from datetime import timedelta

import httpx2
import pytest

from events.accounts import reading
from events.accounts.reading import PAGES, PEOPLE
from events.accounts.staff import Staff
from events.audit import audit, reads
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import is_postgres, query, run_tx
from tests.browser import heading, words
from tests.events.accounts.signing_in import Client
from tests.people import MONDAY, Person, an_event, confirmed, recorded

USUAL = "No"
ON_MONDAY = "8 April 2019, 09:00"
MINUTE = timedelta(minutes=1)


def table(answer: httpx2.Response) -> list[list[str]]:
    rows = re.findall(r"<tr>\s*<th scope=\"row\">.*?</tr>", answer.text, re.S)
    return [[words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)] for row in rows]


async def listed(event: Event, ids: list[int], by: Staff, action: Action = Action.LISTED, ago: int = 0) -> None:
    """A page of a list was shown so many minutes ago."""
    await recorded(action, event, by=by, at=MONDAY - ago * MINUTE, event_id=event.id, list="people", ids=ids)


async def test_each_who_read_is_counted_by_lists_searches_and_different_people(
    desk: Client, event: Event, omar: Staff, vic: Staff, ada: Person
) -> None:
    asked = await confirmed(ada, event)
    await listed(event, [asked.id, 1002, 1003], omar, ago=3)
    await listed(event, [1003, 1004], omar, Action.SEARCHED, ago=2)
    await recorded(Action.VIEWED, asked, by=omar, at=MONDAY - MINUTE, event_id=event.id)
    await recorded(Action.COMPLAINT_READ, event, by=omar, at=MONDAY, event_id=event.id)
    await listed(event, [1002], vic, ago=4)
    await recorded(Action.AUDIT_VIEWED, event, by=vic, at=MONDAY, event_id=event.id)
    answer = await desk.get(f"/desk/{event.slug}/reads")
    assert (heading(answer), answer.status_code) == ("Who looked", 200)
    assert table(answer) == [
        ["Omar Organiser", "1", "1", "0", "4", "1", ON_MONDAY, USUAL],
        ["Vic Viewer", "1", "0", "0", "1", "0", "8 April 2019, 08:56", USUAL],
    ]
    assert ada.name not in answer.text
    assert f'href="/desk/{event.slug}/audit?actor=staff%3A{omar.id}"' in answer.text


async def test_only_what_was_read_in_the_chosen_time_counts(desk: Client, event: Event, omar: Staff) -> None:
    for days, ids in ((31, [1]), (20, [2]), (3, [3]), (0, [4])):
        await listed(event, ids, omar, ago=days * 24 * 60)
    counted = {}
    for asked in ("1", "7", "30", "", "2", "x", "9" * 5000):
        [row] = table(await desk.get(f"/desk/{event.slug}/reads", params={"days": asked}))
        counted[asked[:2]] = row[4]
    assert counted == {"1": "1", "7": "2", "30": "3", "": "2", "2": "2", "x": "2", "99": "2"}
    page = await desk.get(f"/desk/{event.slug}/reads", params={"days": "30"})
    assert re.findall(r'days=(\d+)" aria-current="page"', page.text) == ["30"]
    assert re.findall(r"<caption[^>]*>([^<]*)<", page.text) == ["Who looked in the last 30 days"]


async def test_reading_of_another_event_does_not_count(desk: Client, event: Event, omar: Staff) -> None:
    other = await an_event()
    await listed(other, [1, 2], omar)
    answer = await desk.get(f"/desk/{event.slug}/reads")
    assert table(answer) == []
    assert "Nobody read about people in the last 7 days." in words(answer.text)
    await listed(event, [3], omar)
    [row] = table(await desk.get(f"/desk/{event.slug}/reads"))
    assert (row[0], row[4]) == ("Omar Organiser", "1")


async def test_looking_at_it_is_an_entry_that_is_no_reading(desk: Client, event: Event, lena: Staff) -> None:
    await desk.get(f"/desk/{event.slug}/reads?days=30")
    entry = await AuditEntry.get()
    assert (entry.action, entry.actor, entry.event_id) == (Action.READS_VIEWED, lena.actor, event.id)
    assert entry.details == {"rows": 0, "days": 30}
    assert table(await desk.get(f"/desk/{event.slug}/reads")) == []


@pytest.mark.parametrize(
    ("number", "every", "is_marked"), [(PAGES.tries, 0, False), (PAGES.tries + 1, 0, True), (PAGES.tries + 1, 1, False)]
)
async def test_an_hour_with_more_lists_than_usual_is_marked(
    desk: Client, event: Event, omar: Staff, number: int, every: int, is_marked: bool
) -> None:
    for n in reversed(range(number)):
        await listed(event, [7], omar, Action.SEARCHED if n % 2 else Action.LISTED, ago=every * n)
    [row] = table(await desk.get(f"/desk/{event.slug}/reads"))
    marked = f"Yes More than {PAGES.tries} lists, searches and pages of files in an hour, last {ON_MONDAY}"
    assert row[-1] == (marked if is_marked else USUAL)


async def test_an_hour_with_more_people_than_usual_is_marked(
    desk: Client, event: Event, omar: Staff, vic: Staff
) -> None:
    for staff, number in ((omar, PEOPLE.tries + 1), (vic, PEOPLE.tries)):
        for _ in range(number):
            await recorded(Action.VIEWED, event, by=staff, at=MONDAY, event_id=event.id)
    answer = await desk.get(f"/desk/{event.slug}/reads")
    assert {row[0]: row[-1] for row in table(answer)} == {
        "Omar Organiser": f"Yes More than {PEOPLE.tries} people, complaints, incidents and rights requests opened in an"
        f" hour, last {ON_MONDAY}",
        "Vic Viewer": USUAL,
    }


async def test_files_that_were_taken_away_are_counted_with_their_lines(desk: Client, event: Event, omar: Staff) -> None:
    for lines in (50 * PAGES.tries, 1):
        at, words_of_it = MONDAY - MINUTE, "Contacts"
        await reading.exported(
            event, event, {"number": lines}, lines=lines, file=words_of_it, by=omar, at=at, real=clock.real()
        )
    [row] = table(await desk.get(f"/desk/{event.slug}/reads"))
    when = "8 April 2019, 08:59"
    assert row[:5] == ["Omar Organiser", "0", "0", "2 3,001 lines", "0"]
    assert row[-1] == (
        f"Yes More than {PAGES.tries} lists, searches and pages of files in an hour, last {when}"
        f" The leads were alerted, last {when}"
    )


@pytest.mark.parametrize(("hour", "ids", "is_marked"), [(21, [7], False), (23, [7], True), (23, [], False)])
async def test_a_night_is_marked_as_the_leads_are_alerted(
    desk: Client, event: Event, omar: Staff, hour: int, ids: list[int], is_marked: bool
) -> None:
    at = clock.at_venue((MONDAY - timedelta(days=1)).date(), hour, 0)
    await reading.listed(event, "people", ids, by=omar, at=at, real=clock.real())
    [row] = table(await desk.get(f"/desk/{event.slug}/reads"))
    when = "7 April 2019, 23:00"
    marked = f"Yes At night, last {when} The leads were alerted, last {when}"
    assert row[-1] == (marked if is_marked else USUAL)


async def test_so_many_entries_are_counted_and_no_more(
    desk: Client, event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "BATCH", 4)
    for n in reversed(range(10)):
        await listed(event, [n], omar, Action.SEARCHED if n % 2 else Action.LISTED, ago=n)
    whole = await desk.get(f"/desk/{event.slug}/reads")
    assert table(whole)[0][1:5] == ["5", "5", "0", "10"], "over several batches"
    assert "too many" not in whole.text
    monkeypatch.setattr(reads, "AT_MOST", 8)
    cut = await desk.get(f"/desk/{event.slug}/reads")
    assert table(cut)[0][1:5] == ["4", "4", "0", "8"]
    assert "Only those since 8 April 2019, 08:53 are counted." in words(cut.text)


async def test_entries_are_read_by_the_index_of_their_actions(event: Event, omar: Staff) -> None:
    many: list[audit.Act] = [(Action.LISTED, event, {})] * 3000
    await run_tx(audit.record_all)(many, by=omar, at=MONDAY, event_id=event.id)
    await query("ANALYZE audit_entry")
    values = [value for action in reads.READING for value in (*(event.id, str(action)) * 2, reads.NEWEST, reads.BATCH)]
    plan = await query(f"EXPLAIN {'' if is_postgres() else 'QUERY PLAN'} {reads.NEXT}", [*values, reads.BATCH])
    assert str(plan).count("audit_entry_action") == len(reads.READING)
