"""Recovery codes: ten for each person, kept on paper for the day the telephone is lost, each good once."""

import hashlib
import hmac
import secrets
from datetime import datetime

from events.audit import audit
from events.audit.audit import Action
from events.ground import keys
from events.ground.database import run_tx

from .account_alerts import Notice, tell
from .staff import RecoveryCode, Staff

HOW_MANY = 10
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is read or typed as another letter
HALF = 5  # 49 bits in two halves: ABCDE-FGHJK


@run_tx
async def make(staff: Staff, at: datetime) -> list[str]:
    """Ten new codes, to be shown once: only hashes are kept. The old ones are gone."""
    codes = ["-".join("".join(secrets.choice(ALPHABET) for _ in range(HALF)) for _ in "12") for _ in range(HOW_MANY)]
    await RecoveryCode.filter(staff=staff).delete()
    newest = keys.ring().sub_key("recovery codes")
    await RecoveryCode.bulk_create([RecoveryCode(staff=staff, code_hash=_hash(newest, one)) for one in codes])
    await audit.record(Action.RECOVERY_MADE, staff, by=staff, at=at)
    await tell(staff, Notice.RECOVERY_MADE, at)
    return codes


@run_tx
async def use(staff: Staff, code: str, at: datetime, real: datetime) -> bool:
    """True for the one caller who brings this code first."""
    hashes = [_hash(key, code) for key in keys.ring().sub_keys("recovery codes")]
    fresh = RecoveryCode.filter(staff=staff, code_hash__in=hashes, used_at__isnull=True)
    if await fresh.update(used_at=real) != 1:
        return False
    await audit.record(Action.RECOVERY_USED, staff, by=staff, at=at)
    await tell(staff, Notice.RECOVERY_USED, at)
    return True


async def left(staff: Staff) -> int:
    return await RecoveryCode.filter(staff=staff, used_at__isnull=True).count()


def _hash(key: bytes, code: str) -> str:
    normal = "".join(one for one in code.upper() if one.isalnum())
    return hmac.new(key, normal.encode(), hashlib.sha256).hexdigest()[:32]
