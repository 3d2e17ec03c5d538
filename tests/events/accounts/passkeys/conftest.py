"""Lena has accepted her invitation: she has a password and an app; and she is signed in."""

import pytest

from events.accounts.staff import Session, Staff
from tests.events.accounts.sessions import NOW, session_of, signed_in
from tests.people import joined


@pytest.fixture
async def lena(lena: Staff) -> Staff:
    return await joined(lena)


@pytest.fixture
async def session(lena: Staff) -> Session:
    return await session_of(await signed_in(lena), NOW)
