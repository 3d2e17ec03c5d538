"""What organisers can do with all whom a filter shows goes by the state that it shows, and by whether the event is
over."""

import pytest

from registrations.desk.listing import act_forms
from registrations.desk.people_list import Wanted
from registrations.people.registration import State

APPROVE, NOT_OFFER, BADGE_TYPE = "approve", "not_offer", "badge-type"
ACTS = {
    None: ["write", "remind", BADGE_TYPE],
    State.REQUESTED: ["remind", BADGE_TYPE],
    State.CONFIRMED: ["write", APPROVE, "wait", NOT_OFFER, BADGE_TYPE],
    State.RECHECKING: ["write", BADGE_TYPE],
    State.WAITING: ["write", APPROVE, "offer", NOT_OFFER, BADGE_TYPE],
    State.OFFERED: ["write", "remind", BADGE_TYPE],
    State.APPROVED: ["write", "remind", BADGE_TYPE],
    State.NOT_OFFERED: [BADGE_TYPE],
    State.CANCELLED: [],
    State.EXPIRED: [],
}


def of_state(state: State | None, *, is_over: bool = False) -> list[str]:
    return [value for value, _ in act_forms.of_people(Wanted(state=state), is_over=is_over)]


@pytest.mark.parametrize("state", ACTS)
def test_what_can_be_done_with_all_goes_by_their_state(state: State | None) -> None:
    assert of_state(state) == ACTS[state]
    assert set(ACTS) == {None, *State}


@pytest.mark.parametrize("state", ACTS)
def test_once_the_event_is_over_people_are_written_to_and_no_more(state: State | None) -> None:
    assert of_state(state, is_over=True) == ["write"] * ("write" in ACTS[state])
