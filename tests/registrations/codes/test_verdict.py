"""The table of verdicts: the same cases that the phone's twin has to pass."""

import json
from typing import Any

import pytest

from registrations.codes.verdict import OVERRIDES, RULES, Known, Standing, Verdict, Window, is_repeat, judge
from tests.vectors import make, verdict_cases

VECTORS: list[dict[str, Any]] = json.loads((make.FOLDER / "verdict.json").read_text(encoding="utf-8"))
REPEATS: list[dict[str, Any]] = json.loads((make.FOLDER / "repeat.json").read_text(encoding="utf-8"))


def known_of(fields: dict[str, Any] | None) -> Known | None:
    if fields is None:
        return None
    return Known(**fields | {"standing": Standing(fields["standing"])})


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["says"])
def test_the_first_check_that_hits_wins(case: dict[str, Any]) -> None:
    assert judge(known_of(case["known"]), Window(**case["window"]), case["at"]) == case["verdict"]


def test_the_table_has_every_set_of_reasons_and_every_verdict_that_judging_gives() -> None:
    inputs = {json.dumps({key: case[key] for key in ("known", "window", "at")}, sort_keys=True) for case in VECTORS}
    assert len(inputs) >= 5 * 2 * 3 * 2 * 2 * 2  # standing, room, time, inside, full, uncounted
    assert {case["verdict"] for case in VECTORS} == set(verdict_cases.ORDER)


def test_only_an_approved_ticket_is_ever_let_in() -> None:
    let_in = [case["known"]["standing"] for case in VECTORS if case["verdict"] == "ok"]
    assert set(let_in) == {"ok"}


def test_the_fixed_order_is_the_order_in_which_the_verdicts_stand() -> None:
    codes = [verdict.value for verdict in Verdict]
    assert tuple(codes[codes.index("unknown") : codes.index("ok") + 1]) == verdict_cases.ORDER


@pytest.mark.parametrize("case", REPEATS, ids=lambda case: str(case["ago"]))
def test_a_repeat_within_a_minute_of_the_same_phone_is_asked_about_calmly(case: dict[str, Any]) -> None:
    assert is_repeat(case["ago"]) is case["repeat"]


CANNOT_TELL = {"offline", "not_on_phone", "issued_since", "check_id", "old_list"}


def test_dr48_a_phone_alone_says_what_the_server_would_or_that_it_cannot_tell() -> None:
    others = {
        (case["says"], age, offline)
        for case in VECTORS
        for age, offline in case["offline"].items()
        if offline not in CANNOT_TELL | {case["verdict"]}
    }
    assert others == set()


def test_dr48_a_phone_alone_lets_in_nobody_whom_the_server_refuses() -> None:
    let_in = {case["verdict"] for case in VECTORS if "ok" in case["offline"].values()}
    assert let_in == {"ok"}


def test_every_verdict_has_its_rule_and_somebody_who_gives_it() -> None:
    assert list(RULES) == list(Verdict)
    given = {verdict for verdict, rule in RULES.items() if rule.server or rule.device}
    heard = {rule.heard_as for rule in RULES.values()} - {None}
    assert set(Verdict) - given == heard == {Verdict.ASK_LEAD}


def test_only_what_a_sealed_row_holds_is_read_of_it() -> None:
    read = {field for rule in RULES.values() if rule.device for field in rule.reads}
    written = {field for case in VECTORS if case["record"] for field in case["record"]}
    assert read == {"s", "i", "l", "w", "j", "m", "u"}
    assert written <= read


def test_a_lead_may_override_hours_a_second_entry_rooms_and_whom_they_meet_and_nothing_more_at_the_way_in() -> None:
    assert {verdict: rule.overrides for verdict, rule in RULES.items() if rule.overrides & OVERRIDES} == {
        Verdict.WRONG_DOOR: {"changed_workshop", "belongs_here"},
        Verdict.TOO_EARLY: {"early"},
        Verdict.TOO_LATE: {"late"},
        Verdict.ALREADY_IN: {"scanned_twice", "left_without_scan", "wrong_person_before", "code_shared"},
        Verdict.SPEAK_TO_LEAD: {"left_unseen", "must_be_there", "has_room"},
        Verdict.LEAD_MEETS: {"met", "other_entrance", "refused"},
        Verdict.NOT_COUNTED: {"counted_there", "works_here"},
    }
