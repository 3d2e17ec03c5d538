"""A device that holds passkeys, in software: it answers what a page asks a browser for, as truly as it is told to."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from events.accounts.passkeys import ceremony, passkey, proving
from events.accounts.passkeys.passkey import Passkey
from events.accounts.staff import Session, Staff
from tests.browser import BASE
from tests.events.accounts.sessions import NOW
from tests.people import MONDAY

SITE = "places.example.org"
PRESENT, VERIFIED, NEW = 1, 4, 64  # flags: somebody touched it; it knows who; a passkey was made


def as_text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def from_text(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Device:
    """With one passkey. What it says can be made false, one thing at a time."""

    origin: str = BASE
    site: str = SITE
    verifies: bool = True
    counts: int = 1
    crosses: bool = False
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def makes(self, asked: str, **instead: Any) -> str:
        """The answer to what `ceremony.asked_to_add` asks for."""
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        told = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + public
        made = {"fmt": "none", "attStmt": {}, "authData": self._said_of_itself(NEW) + told} | instead
        data = self._client_data("webauthn.create", asked)
        return self._answer(clientDataJSON=as_text(data), attestationObject=as_text(cbor2.dumps(made)))

    def proves(self, asked: str) -> str:
        """The answer to what `ceremony.asked_to_prove` asks for."""
        self.counts += 1
        data, said = self._client_data("webauthn.get", asked), self._said_of_itself(0)
        signed = self.key.sign(said + hashlib.sha256(data).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            clientDataJSON=as_text(data), authenticatorData=as_text(said), signature=as_text(signed), userHandle=None
        )

    def _said_of_itself(self, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.site.encode()).digest() + bytes([flags]) + self.counts.to_bytes(4, "big")

    def _client_data(self, kind: str, asked: str) -> bytes:
        challenge = json.loads(asked)["challenge"]
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.crosses}
        return json.dumps(said).encode()

    def _answer(self, **response: Any) -> str:
        known = as_text(self.credential)
        return json.dumps({"id": known, "rawId": known, "type": "public-key", "response": response})


async def a_passkey_of(owner: Staff) -> Passkey:
    """Of a device that nobody has."""
    kept = passkey.columns(owner, f"Laptop of {owner.full_name}", secrets.token_bytes(16), b"its public key")
    return await Passkey.create(**kept, sign_count=0, added_at=NOW)


async def asked_to_prove(session: Session) -> str:
    return ceremony.asked_to_prove(session, await passkey.passkeys_of(session.staff), NOW)


async def added(session: Session, name: str = "Work laptop", device: Device | None = None) -> tuple[Device, Passkey]:
    """A device whose passkey is known now. The session has a new token, which nobody keeps."""
    device = device or Device()
    token = await proving.add(session, name, device.makes(ceremony.asked_to_add(session, [], NOW)), MONDAY, NOW)
    assert token is not None
    await session.refresh_from_db(["token_hash"])
    return device, await Passkey.get(credential_hash=passkey.hash_of(device.credential))
