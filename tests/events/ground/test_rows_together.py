"""Rows that one statement writes or finds: each in its place."""

from datetime import timedelta

from events.ground.database import Database, among, given, inserted, is_postgres, query
from events.mail.outbox import Message
from tests.people import MONDAY

COLUMNS = {
    "template": "text", "subject_id": "int", "cause": "text", "event_id": "int", "state": "text", "tries": "int",
    "queued_at": "timestamptz", "next_try_at": "timestamptz", "reply_status": "text", "address_sealed": "bytea",
}  # fmt: skip


def _row(n: int, event_id: int | None = None, sealed: bytes | None = None) -> tuple[object, ...]:
    return "ticket", n, f"cause {n}", event_id, "queued", n, MONDAY, MONDAY + timedelta(hours=n), "", sealed


async def _put(*rows: tuple[object, ...]) -> list[int]:
    written, values = inserted(COLUMNS, rows)
    return [row["subject_id"] for row in await query(f"INSERT INTO message {written} RETURNING id, subject_id", values)]


async def test_rows_are_written_as_they_are_and_numbered_in_their_order(database: Database) -> None:
    await _put(_row(3, None, b"\x00three"), _row(1, 7), _row(2))
    there = await Message.all().order_by("id")
    assert [(m.subject_id, m.cause, m.event_id, m.tries, m.next_try_at, m.address_sealed) for m in there] == [
        (3, "cause 3", None, 3, MONDAY + timedelta(hours=3), b"\x00three"),
        (1, "cause 1", 7, 1, MONDAY + timedelta(hours=1), None),
        (2, "cause 2", None, 2, MONDAY + timedelta(hours=2), None),
    ]


async def test_given_rows_hold_what_is_nothing_too(database: Database) -> None:
    for count in (1, 4, 20):
        rows = [(n, None if n % 2 else MONDAY) for n in range(count)]
        sql, values = given({"number": "int", "moment": "timestamptz"}, rows)
        found = await query(f"{sql} SELECT number, moment IS NULL AS none FROM given", values)  # noqa: S608
        assert [(row["number"], bool(row["none"])) for row in found] == [(n, n % 2 == 1) for n in range(count)]


async def test_very_many_values_are_found_too(database: Database) -> None:
    await _put(*(_row(n) for n in (3, 40_000, 40_001)))
    for column, type_, wanted in (
        ("subject_id", "int", range(40_001)),
        ("cause", "text", map("cause {}".format, range(40_001))),
    ):
        condition, values = among(column, type_, list(wanted))
        found = await query(f"SELECT subject_id FROM message WHERE {condition} ORDER BY subject_id", values)  # noqa: S608
        assert [row["subject_id"] for row in found] == [3, 40_000]


async def test_one_text_asks_for_however_many_on_postgresql(database: Database) -> None:
    await _put(*(_row(n) for n in range(5)))
    texts = set[str]()
    for wanted in ([3], [4, 1], [0, 2, 4]):
        condition, values = among("subject_id", "int", wanted)
        found = await query(f"SELECT subject_id FROM message WHERE {condition} ORDER BY subject_id", values)  # noqa: S608
        assert [row["subject_id"] for row in found] == sorted(wanted)
        texts.add(condition)
    assert len(texts) == (1 if is_postgres() else 3)
