"""A passkey of an account: what its device proves itself by, sealed, and how often it says that it was used.

A row that was moved to another account, or written without the key, does not open: it lets nobody in.
"""

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from tortoise import fields
from tortoise.models import Model

from events.accounts.staff import Staff
from events.ground import keys
from events.ground.keyring.made import Sealed, made
from events.ground.personal import Personal, answer, personal

DEVICE = "passkey.device"
LASTS = "as long as the account"


def _of_device(purpose: str) -> Personal:
    return Personal(purpose, "legitimate interests", LASTS)


@dataclass(frozen=True, slots=True)
class Device:
    """What is known of it: the name that its owner gave, and in base64 what the browser said of it."""

    name: str = answer(_of_device("so that people recognise their own passkeys"))
    credential: str = answer(_of_device("by which a browser finds the passkey"))
    public_key: str = answer(_of_device("signing in"))


def hash_of(credential: bytes) -> str:
    """Of the passkey's own id, which is random: it finds the row, and no passkey is in two."""
    return hashlib.sha256(credential).hexdigest()


class Passkey(Model):
    """Times are the machine's."""

    id = fields.IntField(primary_key=True)
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField("events.Staff", related_name="passkeys")
    staff_id: int
    credential_hash = personal(fields.CharField(max_length=64), _of_device("that a passkey belongs to one account"))
    device_sealed = personal(fields.BinaryField(), _of_device("the passkey, sealed: the rows of `device`"))
    sign_count = fields.BigIntField()  # of its uses, as the device counts them; many count none, and say 0
    added_at = fields.DatetimeField()
    last_used_at = fields.DatetimeField(null=True)

    MADE = made(device_sealed=Sealed(DEVICE, "{staff_id}|{credential_hash}"))

    class Meta:
        app, table = "events", "passkey"

    @property
    def device(self) -> Device | None:
        """Opened; None if the row was damaged or moved, or its key is gone: then it proves nothing."""
        text = keys.opened_in(f"passkey:{self.id}", DEVICE, self.device_sealed, self.bound_to)
        return None if text is None else Device(**json.loads(text))

    @property
    def name(self) -> str:
        """What its owner called it."""
        device = self.device
        return device.name if device else "A passkey that cannot be read"

    @property
    def bound_to(self) -> str:
        return f"{self.staff_id}|{self.credential_hash}"


def columns(staff: Staff, name: str, credential: bytes, public_key: bytes) -> dict[str, Any]:
    """What the row of such a passkey holds."""
    known = hash_of(credential)
    device = Device(name, base64.b64encode(credential).decode(), base64.b64encode(public_key).decode())
    text = json.dumps(asdict(device), ensure_ascii=False)
    return {
        "staff_id": staff.id,
        "credential_hash": known,
        "device_sealed": keys.seal(DEVICE, text, f"{staff.id}|{known}"),
    }


def credentials_of(passkeys: Iterable[Passkey]) -> list[bytes]:
    """What a browser finds them by."""
    return [base64.b64decode(device.credential) for passkey in passkeys if (device := passkey.device)]


async def passkeys_of(staff: Staff) -> list[Passkey]:
    """The oldest first."""
    return await Passkey.filter(staff_id=staff.id).order_by("id")
