"""Whoever guesses the number of a certificate is slowed down, whatever they type. Rules: EV-09."""

import pytest

from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from registrations.certificates import checking
from registrations.codes.certificate_number import new_number


async def test_each_guess_counts_for_the_network_whatever_was_typed(event: Event) -> None:
    for _ in range(checking.CHECKS.tries):
        assert not await checking.is_valid(new_number(), "192.0.2.7", clock.real())
    with pytest.raises(Refused):
        await checking.is_valid(new_number(), "192.0.2.7", clock.real())
    assert not await checking.is_valid(new_number(), "192.0.2.8", clock.real()), "nobody else is slowed down"
