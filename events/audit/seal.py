"""The links of the chain that seals the audit log, the note of the newest one, and where the kept part begins."""

from tortoise import fields
from tortoise.models import Model

from events.ground.keyring.made import Left, made

SHOWN = 20  # hex digits of a seal in a head
NO_SEAL = "0"  # the head of a log in which nothing is sealed


class AuditSeal(Model):
    """One link of the chain: a MAC over the entry and the seal before it. Insert-only."""

    id = fields.IntField(primary_key=True)
    sequence = fields.IntField()
    entry_id = fields.IntField()
    mac = fields.CharField(max_length=64)

    MADE = made(mac=Left("the audit log is never changed"))

    class Meta:
        app, table = "events", "audit_seal"


class AuditReach(Model):
    """The newest seal as we noted it, in one row. Without the key it can be removed or put back, never moved."""

    id = fields.IntField(primary_key=True)
    sequence = fields.IntField()
    mac = fields.CharField(max_length=64)  # of that seal
    proof = fields.CharField(max_length=64)  # a MAC over both

    MADE = made(**{name: Left("the next seal is noted with the new key") for name in ("mac", "proof")})

    class Meta:
        app, table = "events", "audit_reach"


class AuditBoundary(Model):
    """The last seal whose time was over, in one row: all up to it was deleted. Nobody without the key can make one."""

    id = fields.IntField(primary_key=True)
    sequence = fields.IntField()
    mac = fields.CharField(max_length=64)  # of that seal, which the next one holds
    entry_id = fields.IntField()  # the highest that was deleted: kept entries may vouch for lower ones
    proof = fields.CharField(max_length=64)  # a MAC over the three

    MADE = made(**{name: Left("the next deletion moves it, with the new key") for name in ("mac", "proof")})

    class Meta:
        app, table = "events", "audit_boundary"


def head_of(sequence: int, mac: str) -> str:
    return f"{sequence}-{mac[:SHOWN]}"


def number_in(head: str) -> int:
    """Of the seal in a head; 0 for what is none."""
    number = head.partition("-")[0]
    return int(number) if number.isdecimal() and len(number) < 10 else 0
