"""A rehearsal that phones in the same Wi-Fi open: this computer's address there, and a certificate made for the day.

A browser lets a page use the camera only if the page came encrypted. Nobody has signed the certificate, so each browser
warns before it opens the rehearsal; by the fingerprint people see that it is this one.
"""

import socket
from datetime import UTC, datetime, timedelta
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from events.ground.refusal import Refused
from registrations.codes import qr

from . import own_address

FIND = "find"  # what stands for the address where nobody has named one
LASTS = timedelta(days=2)
FILE = "wifi.pem"
NO_ADDRESS = "{} is no address like 192.168.1.20."
NOT_OURS = "This computer does not have the address {} now. Without one, --lan finds it by itself."
EVERYWHERE = "Name one address. In all networks at once it would be open to whoever is in any of them."
PUBLIC = "{} is an address on the internet, where anybody could open the rehearsal. Use it in a network of your own."
SAYS = """
  It can be opened by whoever is in the same network: they can be a lead in it, read its mailbox and move its clock.
  Each browser warns that it does not know the certificate: this computer has made it just now. Look at it there, and
  go on if its SHA-256 fingerprint is

    {fingerprint}

  Leave the door page open on the phone. It scans without a network too, but Chrome, for one, keeps no page for later
  that came with such a certificate: closed or loaded again, it opens only with a network.

  Does the phone find nothing? It has to be in the same network, which lets one device reach another (a Wi-Fi for guests
  often does not), and this computer's firewall has to let port {port} in.{elsewhere}

  Hold the phone's camera to this, to use it at the door, once, as a steward:

{drawn}
"""
ELSEWHERE = " This computer is in other networks too:\n  {}. To be found there, start it with --lan and that address."


def address(named: str) -> str:
    """The one that is named, or the one by which phones reach this computer. Raises Refused."""
    found = own_address.found() if named == FIND else named
    try:
        parsed = IPv4Address(found)
    except AddressValueError:
        raise Refused(NO_ADDRESS.format(found)) from None
    if parsed.is_unspecified:
        raise Refused(EVERYWHERE)
    if not parsed.is_private:
        raise Refused(PUBLIC.format(found))
    with socket.socket(socket.AF_INET) as trial:
        try:
            trial.bind((found, 0))
        except OSError:
            raise Refused(NOT_OURS.format(found)) from None
    return found


def make_certificate(folder: Path, host: str, real: datetime) -> Path:
    """For this address and two days, in a new file with its key, which only its owner reads. `real`: the machine's
    time. Apple's systems refuse one that does not say of itself that it is a server's."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Muster rehearsal")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(real.astimezone(UTC) - timedelta(hours=1)).not_valid_after(real.astimezone(UTC) + LASTS)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / FILE
    file.touch(mode=0o600)
    file.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, private, serialization.NoEncryption()))
    return file


def says(file: Path, link: str) -> str:
    """What the terminal prints below the links. The fingerprint is written as browsers write it."""
    fingerprint = x509.load_pem_x509_certificate(file.read_bytes()).fingerprint(hashes.SHA256())
    there = urlsplit(link)
    others = [interface for interface in own_address.shared() if interface.address != there.hostname]
    elsewhere = ELSEWHERE.format(own_address.listed(others)) if others else ""
    facts = {"port": there.port, "elsewhere": elsewhere, "drawn": qr.blocks(link)}
    return SAYS.format(fingerprint=fingerprint.hex(":").upper(), **facts)
