"""Signing in and proving it again by a passkey, in place of the app's code; and adding and removing one.

`at` is the event's time, for the audit log and for emails; `real` is the machine's, by which challenges are over.
"""

from datetime import datetime

from tortoise.exceptions import IntegrityError

from events.accounts import passwords, sign_in, sign_in_tries
from events.accounts.account_alerts import Alert, alert
from events.accounts.sign_in_tries import Caller, Tries
from events.accounts.staff import Session
from events.audit import audit
from events.audit.action import Action
from events.ground.database import run_tx
from events.ground.refusal import Refused

from . import ceremony
from .ceremony import Made, Proof
from .passkey import Passkey, columns

MOST = 10  # of one account
ENOUGH = f"Your account has {MOST} passkeys already. Remove one that you no longer use, then add this one."
KNOWN = "This passkey is known already. Add another one."
GONE = "This passkey was removed already."
OVER = "You did something else in another window at the same moment. Try again."


async def second_factor(session: Session, answer: str, caller: Caller, at: datetime, real: datetime) -> str | None:
    """As that of `sign_in`, with what the browser answers for a passkey in place of a code."""
    tries = await sign_in_tries.count_code(session.staff, caller, at, real)
    return await _by_passkey(session, await ceremony.proved_by(session, answer, real), tries, caller, at, real)


@run_tx
async def _by_passkey(
    session: Session, proof: Proof | None, tries: Tries, caller: Caller, at: datetime, real: datetime
) -> str | None:
    if proof is None or not await _accept(session, proof, at, real):
        await sign_in.failed(session.staff, "passkey", at)
        return None
    await sign_in_tries.give_back(tries, real)
    return await sign_in.made_whole(session, caller, at, real)


async def step_up(session: Session, answer: str, at: datetime, real: datetime, *, password: str = "") -> str | None:
    """As that of `sign_in`: a passkey alone, or behind a right password both."""
    await sign_in_tries.count_step_up(session, real)
    right = not password or await passwords.right(session.staff.password_hash, password)
    proof = await ceremony.proved_by(session, answer, real) if right else None
    return await _step_up(session, proof, at, real, both=bool(password))


@run_tx
async def _step_up(session: Session, proof: Proof | None, at: datetime, real: datetime, *, both: bool) -> str | None:
    if proof is None or not await _accept(session, proof, at, real):
        await sign_in.not_proved(session, at)
        return None
    return await sign_in.proved_again(session, at, real, both=both)


async def _accept(session: Session, proof: Proof, at: datetime, real: datetime) -> bool:
    """True if the passkey has counted on since, or counts nothing. One that has gone back may be a copy: its owner is
    told."""
    mine = Passkey.filter(id=proof.passkey.id)
    before = mine.filter(sign_count__lt=proof.sign_count) if proof.sign_count else mine.filter(sign_count=0)
    if await before.update(sign_count=proof.sign_count, last_used_at=real) == 1:
        return True
    if await mine.exists():
        await audit.record(Action.PASSKEY_DOUBTED, session.staff, by=None, at=at)
        await alert(session.staff, Alert.PASSKEY_DOUBTED, at, once_an_hour=True)
    return False


async def add(session: Session, name: str, answer: str, at: datetime, real: datetime) -> str | None:
    """The session's new token, for an answer that brings a new passkey; None for any other."""
    made = await ceremony.made_by(session, answer, real)
    if made is None:
        return None
    try:
        return await _add(session, name, made, at, real)
    except IntegrityError:
        raise Refused(KNOWN) from None


@run_tx
async def _add(session: Session, name: str, made: Made, at: datetime, real: datetime) -> str:
    """The session first: who takes all codes away ends it before they look for passkeys, so that none comes after."""
    token = await _renewed(session, real)
    if await Passkey.filter(staff_id=session.staff_id).count() >= MOST:
        raise Refused(ENOUGH)
    kept = columns(session.staff, name, made.credential, made.public_key)
    await Passkey.create(**kept, sign_count=made.sign_count, added_at=real)
    await audit.record(Action.PASSKEY_ADDED, session.staff, by=session.staff, at=at)
    await alert(session.staff, Alert.PASSKEY_ADDED, at)
    return token


@run_tx
async def remove(session: Session, passkey: Passkey, at: datetime, real: datetime) -> str:
    """The session's new token."""
    token = await _renewed(session, real)
    if await Passkey.filter(id=passkey.id, staff_id=session.staff_id).delete() != 1:
        raise Refused(GONE)
    await audit.record(Action.PASSKEY_REMOVED, session.staff, by=session.staff, at=at)
    await alert(session.staff, Alert.PASSKEY_REMOVED, at)
    return token


async def _renewed(session: Session, real: datetime) -> str:
    token = await sign_in.renew(session, last_used_at=real)
    if token is None:
        raise Refused(OVER)
    return token
