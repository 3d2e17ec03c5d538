"""What leaves this machine leaves it encrypted, to somebody whose certificate we have verified."""

import ssl
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

UNTRUSTED = "its certificate cannot be trusted: renew it, or set MUSTER_DATABASE_CA to the file of who signed it"
NO_TLS = "it offers no encryption, and it is on another machine: turn ssl on there"


def is_this_machine(host: str) -> bool:
    """A name is not looked up: whoever answers for names could send us anywhere."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def tls_of_database(host: str | None, ca: Path | None) -> ssl.SSLContext | None:
    """For a PostgreSQL on another machine; asyncpg passes it over where it speaks through a socket of this one."""
    here = host is not None and (host.startswith("/") or is_this_machine(host))
    return None if here else ssl.create_default_context(cafile=ca)


def tls_words_in(database_url: str) -> set[str]:
    """Parameters that would say how the connection is encrypted: that is not for an address to decide."""
    asked = parse_qs(urlsplit(database_url).query, keep_blank_values=True)
    return {name for name in asked if name.startswith("ssl")}


def why_no_tls(error: BaseException | None) -> str:
    """What to do about a connection that was refused for want of a trusted encryption; nothing for other errors."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return UNTRUSTED
        if isinstance(error, ConnectionError) and "SSL upgrade" in str(error):
            return NO_TLS
        error = error.__cause__
    return ""
