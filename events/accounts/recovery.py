"""Recovery codes: ten for each person, kept on paper for the day the telephone is lost, each good once."""

import hashlib
import hmac
import secrets
from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.ground import keys
from events.ground.database import run_tx

from . import passwords
from .account_alerts import Alert, alert
from .staff import RecoveryCode, Staff

HOW_MANY = 10
SALT_BYTES = 16
KEY = "recovery codes"
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is read or typed as another letter
HALF = 5  # 49 bits in two halves: ABCDE-FGHJK


async def make(staff: Staff, at: datetime) -> list[str]:
    """Ten new codes, to be shown once: only slow hashes under one fresh salt are kept. The old ones are gone.

    `staff` as they were before: of who joins just now nothing is told beside the news that all is set up.
    """
    codes = ["-".join("".join(secrets.choice(ALPHABET) for _ in range(HALF)) for _ in "12") for _ in range(HOW_MANY)]
    salt, newest = secrets.token_bytes(SALT_BYTES), keys.ring().fingerprints[0]
    await _keep(staff, newest, [f"{salt.hex()}{await _hash(newest, code, salt)}" for code in codes], at)
    return codes


@run_tx
async def _keep(staff: Staff, key: str, hashes: list[str], at: datetime) -> None:
    await RecoveryCode.filter(staff=staff).delete()
    made = [RecoveryCode(staff=staff, code_hash=known, key_fingerprint=key) for known in hashes]
    await RecoveryCode.bulk_create(made)
    await audit.record(Action.RECOVERY_MADE, staff, by=staff, at=at)
    if not staff.never_had_app:
        await alert(staff, Alert.RECOVERY_MADE, at)


async def hash_of(staff: Staff, code: str) -> str:
    """How it would be kept, under the key of theirs: slow, so it is done before a transaction begins."""
    kept = await RecoveryCode.filter(staff=staff).first()
    salt = kept.code_hash[: 2 * SALT_BYTES] if kept else "00" * SALT_BYTES
    known = keys.ring().fingerprints
    key = kept.key_fingerprint if kept and kept.key_fingerprint in known else known[0]
    return f"{salt}{await _hash(key, code, bytes.fromhex(salt))}"


@run_tx
async def use(staff: Staff, hashed: str, at: datetime, real: datetime) -> bool:
    """True for the one caller who brings this code first."""
    fresh = RecoveryCode.filter(staff=staff, code_hash=hashed, used_at__isnull=True)
    if await fresh.update(used_at=real) != 1:
        return False
    await audit.record(Action.RECOVERY_USED, staff, by=staff, at=at)
    await alert(staff, Alert.RECOVERY_USED, at)
    return True


async def left(staff: Staff) -> int:
    return await RecoveryCode.filter(staff=staff, used_at__isnull=True).count()


async def _hash(key_fingerprint: str, code: str, salt: bytes) -> str:
    """A keyed hash, then a slow one, so that a stolen database is of no use for trying codes without the key."""
    normal = "".join(character for character in code.upper() if character.isalnum())
    keyed = hmac.digest(keys.ring().sub_key(KEY, key_fingerprint), normal.encode(), hashlib.sha256)
    return await passwords.slow_hash(keyed, salt)
