"""Finds roles in the database that Muster did not give."""

from .staff import Role


async def foreign_roles() -> list[str]:
    """A sentence for each of them."""
    roles = await Role.all().order_by("id")
    return [
        f"The role of staff {role.staff_id} for event {role.event_id} was not given by Muster. It opens nothing."
        for role in roles
        if not role.is_ours
    ]
