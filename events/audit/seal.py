"""The links of the chain that seals the audit log, and the note of the newest one."""

from tortoise import fields
from tortoise.models import Model

SHOWN = 20  # hex digits of a seal in a head
NO_SEAL = "0"  # the head of a log in which nothing is sealed


class AuditSeal(Model):
    """One link of the chain: a MAC over the entry and the seal before it. Insert-only."""

    id = fields.IntField(primary_key=True)
    sequence = fields.IntField()
    entry_id = fields.IntField()
    mac = fields.CharField(max_length=64)

    class Meta:
        app, table = "events", "audit_seal"


class AuditReach(Model):
    """The newest seal as we noted it, in one row. Without the key it can be removed or put back, never moved."""

    id = fields.IntField(primary_key=True)
    sequence = fields.IntField()
    mac = fields.CharField(max_length=64)  # of that seal
    proof = fields.CharField(max_length=64)  # a MAC over both

    class Meta:
        app, table = "events", "audit_reach"


def head_of(sequence: int, mac: str) -> str:
    return f"{sequence}-{mac[:SHOWN]}"
