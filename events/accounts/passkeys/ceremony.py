"""What a browser is asked for, and what it answers: WebAuthn, with the site's name and origin from the settings alone.

An answer comes from whoever sends one. Whatever is wrong with it, it counts as none.
"""

import base64
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from ipaddress import ip_address
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

import structlog
import webauthn
from webauthn.helpers import (
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from events.accounts.staff import Session
from events.ground import settings
from events.web.middleware import origin_of

from . import challenge
from .challenge import GOOD_FOR, Purpose
from .passkey import Passkey, credentials_of, hash_of

log = structlog.get_logger()
T = TypeVar("T")
MILLISECONDS = int(GOOD_FOR.total_seconds() * 1000)
LONGEST_CREDENTIAL = 1023  # bytes, as WebAuthn has it
ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
VERIFIED = UserVerificationRequirement.REQUIRED  # by PIN, finger or face: who only finds the device gets nothing


class Made(NamedTuple):
    """A new passkey, as the browser says."""

    credential: bytes
    public_key: bytes
    sign_count: int


class Proof(NamedTuple):
    """That somebody has this passkey, and how often it says that it was used."""

    passkey: Passkey
    sign_count: int


def site() -> str:
    """The name that passkeys are bound to. Never from a request: its sender chooses the Host."""
    return urlsplit(settings.current().base_url).hostname or ""


def works_here() -> bool:
    """Browsers make passkeys for names alone, and not for a site that is reached by an address of numbers."""
    try:
        ip_address(site())
    except ValueError:
        return bool(site())
    return False


def asked_to_add(session: Session, held: Iterable[Passkey], real: datetime) -> str:
    """As JSON for the browser. A device that holds one of these is not asked for another."""
    staff = session.staff
    asked = webauthn.generate_registration_options(
        rp_id=site(),
        rp_name=f"Conference desk at {site()}",
        user_id=staff.public_id.encode(),
        user_name=staff.email,
        user_display_name=staff.full_name,
        challenge=challenge.make(session, Purpose.ADD, real),
        timeout=MILLISECONDS,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=VERIFIED
        ),
        exclude_credentials=_described(held),
        supported_pub_key_algs=ALGORITHMS,
    )
    return webauthn.options_to_json(asked)


def asked_to_prove(session: Session, held: Iterable[Passkey], real: datetime) -> str:
    """As JSON for the browser. Nothing without a passkey."""
    known = _described(held)
    if not known or not works_here():
        return ""
    asked = webauthn.generate_authentication_options(
        rp_id=site(),
        challenge=challenge.make(session, Purpose.PROVE, real),
        timeout=MILLISECONDS,
        allow_credentials=known,
        user_verification=VERIFIED,
    )
    return webauthn.options_to_json(asked)


async def made_by(session: Session, answer: str, real: datetime) -> Made | None:
    """The passkey that this answer brings. None for any other answer, and for one that was sent before."""
    return await _understood(lambda: _made(session, answer, real))


async def proved_by(session: Session, answer: str, real: datetime) -> Proof | None:
    """Which passkey of the session's owner was used. Of the count whoever accepts it decides."""
    return await _understood(lambda: _proved(session, answer, real))


async def _understood(look: Callable[[], Awaitable[T | None]]) -> T | None:
    try:
        return await look()
    except Exception as error:  # parsers of JSON, CBOR and keys raise of many kinds, and none is news
        log.info("passkey not understood", error=type(error).__name__)
        return None


async def _made(session: Session, answer: str, real: datetime) -> Made | None:
    said = parse_registration_credential_json(answer)
    signed = await _spent(said.response.client_data_json, session, Purpose.ADD, real)
    if signed is None or not _is_plain(said.response.attestation_object):
        return None
    verified = webauthn.verify_registration_response(
        credential=said,
        expected_challenge=signed,
        expected_rp_id=site(),
        expected_origin=origin_of(settings.current().base_url),
        require_user_verification=True,
        supported_pub_key_algs=ALGORITHMS,
    )
    if not 0 < len(verified.credential_id) <= LONGEST_CREDENTIAL:
        return None
    return Made(verified.credential_id, verified.credential_public_key, verified.sign_count)


async def _proved(session: Session, answer: str, real: datetime) -> Proof | None:
    said = parse_authentication_credential_json(answer)
    signed = await _spent(said.response.client_data_json, session, Purpose.PROVE, real)
    passkey = await Passkey.get_or_none(staff_id=session.staff_id, credential_hash=hash_of(said.raw_id))
    device = passkey.device if passkey else None
    if signed is None or passkey is None or device is None:
        return None
    verified = webauthn.verify_authentication_response(
        credential=said,
        expected_challenge=signed,
        expected_rp_id=site(),
        expected_origin=origin_of(settings.current().base_url),
        credential_public_key=base64.b64decode(device.public_key),
        credential_current_sign_count=0,  # compared where it is written, so that of two at once one is refused
        require_user_verification=True,
    )
    return Proof(passkey, verified.new_sign_count)


async def _spent(client_data: bytes, session: Session, purpose: Purpose, real: datetime) -> bytes | None:
    """What was signed, if we have asked for it just so, and nobody has brought it before."""
    said = parse_client_data_json(client_data)
    if said.cross_origin or not await challenge.spend(said.challenge, session, purpose, real):
        return None
    return said.challenge


def _is_plain(attestation: bytes) -> bool:
    """No maker of devices vouches for it: we ask for none, and believe none."""
    said = parse_attestation_object(attestation)
    return said.fmt == AttestationFormat.NONE or (
        said.fmt == AttestationFormat.PACKED and not said.att_stmt.x5c  # which the device has signed itself
    )


def _described(held: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=credential) for credential in credentials_of(held)]
