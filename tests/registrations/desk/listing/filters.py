"""A saved filter for a path that has one in its braces."""

from typing import Any

from registrations.desk.listing import saving
from registrations.desk.listing.saved_filter import Listed, SavedFilter
from tests.people import MONDAY


async def of_filters(world: Any, caller: str, path: str) -> dict[str, str]:
    """Shared, so that whoever organises may remove it."""
    of = Listed.PEOPLE if "/people/" in path else Listed.REQUESTS
    await saving.keep(world.event, of, "Police", "kind=police", world.staff["lead"], MONDAY, shared=True)
    newest = await SavedFilter.all().order_by("-id").first()
    return {"id": str(newest.id if newest else 0)}
