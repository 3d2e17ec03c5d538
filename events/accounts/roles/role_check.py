"""Finds roles in the database that Muster did not give, and whatever else is wrong with what it has on record."""

from events.accounts.staff import Role
from events.audit import audit_verify, triggers


async def all_faults(noted: str | None = None) -> list[str]:
    """All that `audit verify` looks at: the audit log, its triggers, the roles. `noted` is an earlier head."""
    return await audit_verify.verify(noted) + await triggers.strange() + await foreign_roles()


async def foreign_roles() -> list[str]:
    """A sentence for each of them."""
    roles = await Role.all().order_by("id")
    return [
        f"The role of staff {role.staff_id} for event {role.event_id} was not given by Muster. It opens nothing."
        for role in roles
        if not role.is_ours
    ]
