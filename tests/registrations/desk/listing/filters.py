"""A saved filter for a path that has one in its braces."""

from typing import Any

from events.ground import tokens
from registrations.desk.listing import saving
from registrations.desk.listing.saved_filter import Listed, SavedFilter
from tests.people import MONDAY


async def of_filters(world: Any, caller: str, path: str) -> dict[str, str]:
    """Shared, so that whoever organises may remove it."""
    of = Listed.PEOPLE if "/people/" in path else Listed.REQUESTS
    name = f"Police {tokens.new_public_id()}"  # each caller has one of their own
    await saving.keep(world.event, of, name, "kind=police", world.staff["lead"], MONDAY, shared=True)
    newest = await SavedFilter.all().order_by("-id").first()
    return {"id": str(newest.id if newest else 0)}
