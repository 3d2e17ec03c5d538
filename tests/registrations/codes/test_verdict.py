"""The table of verdicts: the same cases that the phone's twin has to pass."""

import json
from typing import Any

import pytest

from registrations.codes.verdict import Known, Standing, Verdict, Window, judge
from tests.vectors import make

VECTORS: list[dict[str, Any]] = json.loads((make.FOLDER / "verdict.json").read_text(encoding="utf-8"))


def known_of(fields: dict[str, Any] | None) -> Known | None:
    if fields is None:
        return None
    doors = None if fields["doors"] is None else frozenset(fields["doors"])
    return Known(**fields | {"standing": Standing(fields["standing"]), "doors": doors})


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["says"])
def test_the_first_check_that_hits_wins(case: dict[str, Any]) -> None:
    assert judge(known_of(case["known"]), case["door"], Window(**case["window"]), case["at"]) == case["verdict"]


def test_the_table_has_every_set_of_reasons_and_every_verdict_that_judging_gives() -> None:
    inputs = {json.dumps({key: case[key] for key in ("known", "window", "at")}, sort_keys=True) for case in VECTORS}
    judged = set(Verdict) - {
        Verdict.DEVICE_REVOKED,
        Verdict.INVALID,
        Verdict.ISSUED_SINCE,
        Verdict.NOT_ON_PHONE,
        Verdict.ERROR,
    }
    assert len(inputs) >= 5 * 2 * 3 * 2 * 2 * 2  # standing, door, time, inside, hold, question
    assert {case["verdict"] for case in VECTORS} == judged


def test_only_an_approved_ticket_is_ever_let_in() -> None:
    let_in = [case["known"]["standing"] for case in VECTORS if case["verdict"] == "ok"]
    assert set(let_in) == {"ok"}


def test_the_fixed_order_is_the_order_in_which_the_verdicts_stand() -> None:
    codes = [verdict.value for verdict in Verdict]
    assert tuple(codes[codes.index("unknown") : codes.index("ok") + 1]) == make.ORDER


CANNOT_TELL = {"offline", "not_on_phone", "issued_since", "check_id", "old_list"}


def test_dr48_a_phone_alone_says_what_the_server_would_or_that_it_cannot_tell() -> None:
    asks_the_lead = {"needs_answer": "speak_to_lead"}  # a question that a phone cannot ask
    others = {
        (case["says"], age, offline)
        for case in VECTORS
        for age, offline in case["offline"].items()
        if offline not in CANNOT_TELL | {asks_the_lead.get(case["verdict"], case["verdict"])}
    }
    assert others == set()


def test_dr48_a_phone_alone_lets_in_nobody_whom_the_server_refuses() -> None:
    let_in = {case["verdict"] for case in VECTORS if "ok" in case["offline"].values()}
    assert let_in == {"ok"}
