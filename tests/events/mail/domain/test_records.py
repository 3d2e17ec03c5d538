"""Each record as it should be, and as it is: what is wrong with it is one line that says what to do.

Rules: SE-18.
"""

import base64

import pytest

from events.mail.domain import dmarc
from tests.dns_server import dns_server
from tests.events.mail.domain.zones import DKIM, KEY_OF, SELECTOR, found, text


def many(number: int) -> list[str]:
    return [text("v=spf1 " + " ".join(f"a:host{n}.example.org" for n in range(number)) + " -all")]


@pytest.mark.parametrize(
    ("records", "fine", "words"),
    [
        ([text("v=spf1 -all"), text("v=spf1 mx -all")], False, "has 2 SPF records, which counts as none"),
        (many(10), True, "(10 of 10 lookups)"),
        (many(11), False, "needs more than 10 lookups"),
        ([text("v=spf1 include:example.org -all")], False, "needs more than 10 lookups"),
        ([text("v=spf1 include:nowhere.example.org -all")], False, "includes nowhere.example.org, which has none"),
        ([text("v=spf1 redirect=_spf.relay.example.net")], True, "(2 of 10 lookups)"),
        ([text("v=spf1 exists:%{i}.spf.example.org include:%{d}.x.example.org ~all")], True, "(2 of 10 lookups)"),
        ([text("v=spf1 mx")], False, "let it end with -all"),
        ([text("v=spf1 +all")], False, "+all lets anybody send for it"),
        ([text("v=spf1 all")], False, "+all lets anybody send for it"),
        ([text("v=spf1 mx ?all")], False, "?all says nothing"),
        ([text("v=spf1 mx ~all")], True, "(1 of 10 lookups)"),
        ([text("V=SPF1 MX -ALL")], True, "(1 of 10 lookups)"),
        ([text("v=spf1 ipv4:192.0.2.1 -all")], False, "nobody understands 'ipv4:192.0.2.1'"),
        ([text("v=spf10 -all")], False, "add to DNS: example.org. TXT"),
        ([text("v=spf1 " + "ip4:192.0.2.1 " * 30 + "-all")], True, "(0 of 10 lookups)"),
    ],
)
async def test_spf(records: list[str], fine: bool, words: str) -> None:
    finding = (await found({("example.org", "TXT"): records}))["SPF"]
    assert (finding.fine, words in finding.words) == (fine, True), finding.words


@pytest.mark.parametrize(
    ("record", "fine", "words"),
    [
        (f"p={KEY_OF[2048]}", True, "rsa, 2048 bits"),
        (f"v=DKIM1; p={KEY_OF[1024]}", True, "rsa, 1024 bits: better 2048"),
        (f"v=DKIM1; p={KEY_OF[512]}", False, "a key of 512 bits counts for nothing"),
        (f"v=DKIM1; t=y:s; p={KEY_OF[2048]}", False, "only tried out"),
        ("v=DKIM1; p=", False, "the key is revoked"),
        ("v=DKIM1; p=no key", False, "cannot be read"),
        ("v=DKIM1; p=AAAA", False, "cannot be read"),
        (f"v=DKIM1; k=ed25519; p={base64.b64encode(bytes(32)).decode()}", True, "ed25519, 256 bits"),
        ("v=DKIM1; k=ed25519; p=AAAA", False, "cannot be read"),
        ("something else", False, "add to DNS"),
    ],
)
async def test_dkim(record: str, fine: bool, words: str) -> None:
    finding = (await found({(SELECTOR, "TXT"): [text(record)]}))["DKIM"]
    assert (finding.fine, words in finding.words) == (fine, True), finding.words


async def test_dkim_needs_its_selector_and_one_key() -> None:
    finding = (await found({}, dkim_selector=""))["DKIM"]
    assert (finding.fine, "MUSTER_DKIM_SELECTOR" in finding.words) == (False, True)
    finding = (await found({(SELECTOR, "TXT"): [text(DKIM), text(DKIM + "x")]}))["DKIM"]
    assert (finding.fine, finding.words) == (False, f"{SELECTOR} has 2 keys: leave one")


@pytest.mark.parametrize(
    ("records", "fine", "words"),
    [
        (["v=DMARC1; p=none; rua=mailto:d@example.org"], False, "p=none lets forged emails through"),
        (["v=DMARC1; rua=mailto:d@example.org"], False, "p=none lets forged emails through"),
        (["v=DMARC1; p=quarantine"], True, "p=quarantine, on the way to p=reject"),
        (["v=DMARC1;p=REJECT"], True, "p=reject"),
        (["v=DMARC1; p=reject; t=y"], False, "only tried out"),
        (["v=DMARC1; p=reject; pct=50"], False, "pct=50"),
        (["v=DMARC1; p=reject", "v=DMARC1; p=none"], False, "has 2 DMARC records, which counts as none"),
        (["v=DMARC2; p=reject"], False, "add to DNS"),
        (["spf2.0/pra"], False, "add to DNS"),
    ],
)
async def test_dmarc(records: list[str], fine: bool, words: str) -> None:
    finding = (await found({("_dmarc.example.org", "TXT"): [text(record) for record in records]}))["DMARC"]
    assert (finding.fine, words in finding.words) == (fine, True), finding.words


@pytest.mark.parametrize(
    ("record", "fine", "words"),
    [
        ("v=DMARC1; p=reject", True, "_dmarc.example.org: p=reject"),
        ("v=DMARC1; p=none; sp=reject", True, "_dmarc.example.org: sp=reject"),
        (
            "v=DMARC1; p=reject; sp=none",
            False,
            "sp=none protects no domain below it: add to DNS: _dmarc.mail.example.org.",
        ),
    ],
)
async def test_a_domain_below_another_has_its_policy(record: str, fine: bool, words: str) -> None:
    finding = (await found({("_dmarc.example.org", "TXT"): [text(record)]}, sender="e@mail.example.org"))["DMARC"]
    assert (finding.fine, words in finding.words) == (fine, True), finding.words


ALIGNED = [
    ("bounces@example.org", "v=DMARC1; p=reject; aspf=s", True),
    ("bounces@back.example.org", "v=DMARC1; p=reject", True),
    ("bounces@back.example.org", "v=DMARC1; p=reject; aspf=s", False),
    ("bounces@elsewhere.example", "v=DMARC1; p=reject", False),
]


@pytest.mark.parametrize(("bounces", "record", "fine"), ALIGNED)
async def test_a_return_path_in_another_domain_speaks_for_nobody(bounces: str, record: str, fine: bool) -> None:
    finding = (await found({("_dmarc.example.org", "TXT"): [text(record)]}, bounces=bounces))["return path"]
    assert finding.fine is fine
    if not fine:
        assert finding.words.endswith("let MUSTER_BOUNCES end with @example.org")


@pytest.mark.parametrize(
    ("domain", "records", "organisation"),
    [
        ("a.b.example.org", {}, "a.b.example.org"),
        ("a.b.example.org", {"example.org": "p=none"}, "example.org"),
        ("a.b.example.org", {"a.b.example.org": "p=none", "org": "p=none"}, "org"),
        ("a.b.example.org", {"b.example.org": "psd=n", "example.org": "p=none"}, "b.example.org"),
        ("a.b.council.gov.example", {"gov.example": "psd=y"}, "council.gov.example"),
        ("gov.example", {"gov.example": "psd=y"}, "gov.example"),
    ],
)
async def test_who_owns_a_domain_is_found_by_walking_up(
    domain: str, records: dict[str, str], organisation: str
) -> None:
    """RFC 9989: no list of public suffixes."""
    zones = {(f"_dmarc.{name}", "TXT"): [text(f"v=DMARC1; {tags}")] for name, tags in records.items()}
    async with dns_server(zones) as (_, ask):
        assert dmarc.organisation_of(domain, await dmarc.walked(domain, ask)) == organisation


async def test_a_name_of_many_labels_makes_few_questions() -> None:
    async with dns_server({}) as (server, ask):
        await dmarc.walked(".".join("abcdefghijklmnop") + ".example.org", ask)
        assert len(server.asked) == 8
        assert ("_dmarc.l.m.n.o.p.example.org", "TXT") in server.asked
