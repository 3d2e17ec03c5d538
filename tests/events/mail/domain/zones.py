"""DNS of a domain where all is right, and what is found when some of it is another."""

from events.ground.settings import Settings
from events.mail.domain import domain_check
from events.mail.domain.finding import Finding
from tests.conftest import SETTINGS
from tests.dns_server import dns_server

KEY_OF = {
    512: (
        "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMBv0osge9Cz7/CRi5SE/pXv/uD8KQjgGZb42Nf89XzIZQhYTezVtdWCQFtQO1nGGl9T"
        "L0hoBWqDbNC9I7QrBHMCAwEAAQ=="
    ),
    1024: (
        "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDMvw5Z9f7BV+cRyppssTojpTRqdFUlYSmTfqLohZFn0/xy0tnLEQs6G7IDJoxM"
        "6Bm7TlKOEpisdlqs7gmS+T52Mgkx3WDG1lGoHg4hKpE1v3Tl0jB39HbaZlUDDGRwlKMrm8GWTt3cBrqhwb2zjDTE8M8tDeS5Ga4t"
        "DfQFoyAKKwIDAQAB"
    ),
    2048: (
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA7gOCxz+gInlhKD+2Q3UcnyEgAAAvzRRMiQRd9eUjlaTxIALVSURJQb0J"
        "tRzx3P4dkFe8rq8ZTbmhaY2viJmhHqCwlt23ykd8txfb4GD2fFAaWrlkew09P368NTrPaUYaJLl5jfPIpo1H2DApnyZs02WODEMw"
        "80wvvcmjZqRKShH2VYEQnKPnFpBLqCFlJ4eJyXAWgH8UgnM6M39KKrgUreUXbbawg2eDguEvJqrdddKDRkF06r7dQOdE1gFf3YJP"
        "x6N1sTHqM3YB/IvQXO0SxrN5MQtZNzTpExKuPubahO7o8hBXxSzIGLgOA2r35MxcLKl4mrwgHpQEnHP7F0pNFQIDAQAB"
    ),
}  # public keys; nobody has the secret ones
Zones = dict[tuple[str, str], list[str]]
SELECTOR = "relay2026._domainkey.example.org"
DKIM = f"v=DKIM1; k=rsa; p={KEY_OF[2048]}"


def text(*parts: str) -> str:
    """A TXT record as a zone file writes it: in strings of 255 characters at most."""
    whole = "".join(parts)
    return " ".join(f'"{whole[n : n + 255]}"' for n in range(0, len(whole), 255))


RIGHT: Zones = {
    ("example.org", "TXT"): [text("some-site-verification=1"), text("v=spf1 include:_spf.relay.example.net -all")],
    ("_spf.relay.example.net", "TXT"): [text("v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 a:out.relay.example.net ~all")],
    (SELECTOR, "TXT"): [text(DKIM)],
    ("_dmarc.example.org", "TXT"): [text("v=DMARC1; p=reject; rua=mailto:dmarc@example.org")],
    ("example.org", "MX"): ["20 mx2.example.org.", "10 mx1.example.org."],
    ("mx1.example.org", "A"): ["192.0.2.10"],
    ("mx2.example.org", "AAAA"): ["2001:db8::10"],
}


def chosen(**others: object) -> Settings:
    ours: dict[str, object] = {"bounces": "bounces@example.org", "dkim_selector": "relay2026"}
    ours |= {"smtp_host": "relay.example.net", "smtp_tls": "starttls"}
    return SETTINGS.model_copy(update=ours | others)


async def found(changes: dict[tuple[str, str], list[str] | None], **others: object) -> dict[str, Finding]:
    """With these records in place of the right ones; None takes one out."""
    zones = RIGHT | changes
    async with dns_server({name: said for name, said in zones.items() if said is not None}) as (_, ask):
        return await domain_check.findings(chosen(**others), ask)
