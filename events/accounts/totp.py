"""Codes from an authenticator app (TOTP): a secret, its picture, and a code that works once."""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import NamedTuple

import pyotp
import qrcode
from pyotp.utils import strings_equal

from events.ground import keys

from .staff import TOTP, Session, Staff

STEP_SECONDS, LATE = 30, 1  # a code is good for its own half minute and the next: 60 seconds at most
BORDER = 4


class Drawing(NamedTuple):
    """For an SVG: `side` modules square, and the path of the dark ones."""

    side: int
    path: str


def secret_for(session: Session) -> str:
    """The secret offered to this session until it has proved a code. Another session of the same person gets another.

    It is derived, not stored, so that opening the page changes nothing. A replacement differs from the proved one.
    """
    return _secrets_for(session)[0]


def _secrets_for(session: Session) -> list[str]:
    """Under each key of ours: what was offered may be older than the newest."""
    said = f"{session.id}|{session.created_at}|{session.staff.totp_set_at}".encode()
    made = (hmac.new(key, said, hashlib.sha256).digest() for key in keys.ring().sub_keys("offered totp"))
    return [base64.b32encode(raw[:20]).decode() for raw in made]


def link(secret: str, account: str) -> str:
    """What the QR code says: authenticator apps read it."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name="Conference desk")


def in_fours(secret: str) -> str:
    """As a person types it."""
    return " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))


def drawing(text: str) -> Drawing:
    code = qrcode.QRCode(border=BORDER, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    rows = code.get_matrix()
    dark = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark]
    return Drawing(len(rows), "".join(dark))


async def accept(staff: Staff, code: str, real: datetime) -> bool:
    """True for the first caller who brings this code: the stored step only moves forward."""
    secret = staff.totp_secret
    step = step_of(secret, code, real) if secret else None
    return step is not None and await Staff.filter(id=staff.id, last_step__lt=step).update(last_step=step) == 1


async def adopt(session: Session, code: str, real: datetime) -> bool:
    """Makes the offered secret this person's, once a code of it is right. True for one of several callers."""
    proved = ((secret, step_of(secret, code, real)) for secret in _secrets_for(session))
    secret, step = next((found for found in proved if found[1] is not None), ("", None))
    if step is None:
        return False
    unchanged = Staff.filter(id=session.staff_id, totp_set_at=session.staff.totp_set_at)
    if session.staff.totp_set_at is None:
        unchanged = Staff.filter(id=session.staff_id, totp_set_at__isnull=True)
    return (
        await unchanged.update(
            totp_sealed=keys.seal(TOTP, secret, session.staff.public_id), totp_set_at=real, last_step=step
        )
        == 1
    )


def step_of(secret: str, code: str, real: datetime) -> int | None:
    """The step of thirty seconds that this code belongs to, near this moment of the machine. None if it belongs to
    none."""
    totp, here, typed = pyotp.TOTP(secret), int(real.timestamp()) // STEP_SECONDS, "".join(code.split())
    near = range(here - LATE, here + 1)
    return next((step for step in near if strings_equal(totp.generate_otp(step), typed)), None)
