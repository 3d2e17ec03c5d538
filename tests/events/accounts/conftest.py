"""Lena has accepted her invitation: she has a password and an app."""

import pytest

from events.accounts.staff import Staff
from tests.people import joined


@pytest.fixture
async def lena(lena: Staff) -> Staff:
    return await joined(lena)
