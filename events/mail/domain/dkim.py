"""DKIM (RFC 6376): the public key with which whoever receives an email checks the relay's signature."""

from base64 import b64decode
from binascii import Error

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from .finding import Finding, tags_in, to_do, well
from .lookups import Lookups

LEAST_BITS, GOOD_BITS = 1024, 2048  # below the first nobody may accept a signature (RFC 8301)
ED25519_BYTES = 32


async def look(domain: str, selector: str, lookups: Lookups) -> Finding:
    if not selector:
        return to_do("set MUSTER_DKIM_SELECTOR to the selector with which the relay signs, as its provider names it")
    name = f"{selector}._domainkey.{domain}"
    records = [text for text in await lookups.texts(name) if "p" in tags_in(text)]
    if not records:
        return to_do(f'add to DNS: {name}. TXT "v=DKIM1; k=rsa; p=<the public key that the relay shows>"')
    if len(records) > 1:
        return to_do(f"{name} has {len(records)} keys: leave one")
    return _judged(name, tags_in(records[0]))


def _judged(name: str, tags: dict[str, str]) -> Finding:
    if not tags["p"]:
        return to_do(f"{name}: the key is revoked: let the relay make a new one")
    kind = tags.get("k", "rsa").lower()
    bits = _bits(kind, tags["p"])
    if bits is None:
        return to_do(f"{name}: the key cannot be read: copy it anew from the relay")
    if kind == "rsa" and bits < LEAST_BITS:
        return to_do(f"{name}: a key of {bits} bits counts for nothing: let the relay make one of {GOOD_BITS}")
    if "y" in tags.get("t", "").lower().split(":"):
        return to_do(f"{name}: t=y says that signatures are only tried out: take it out")
    short = f": better {GOOD_BITS}" if kind == "rsa" and bits < GOOD_BITS else ""
    return well(f"{name}: {kind}, {bits} bits{short}")


def _bits(kind: str, key: str) -> int | None:
    """None for what is no key."""
    try:
        raw = b64decode("".join(key.split()), validate=True)
        if kind == "ed25519":
            return 8 * len(raw) if len(raw) == ED25519_BYTES else None
        public = load_der_public_key(raw)
    except (Error, ValueError, UnsupportedAlgorithm):
        return None
    return public.key_size if isinstance(public, RSAPublicKey) else None
