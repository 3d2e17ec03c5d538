"""DNS as a whole: what is missing is one line that says what to add, and silence is nobody's fault.

Asked of a real DNS server on this machine. Rules: SE-18.
"""

import asyncio
import time

import pytest

from events import doctor
from events.ground.database import Database
from events.mail import mail_doctor
from events.mail.domain import domain_check, lookups
from tests.conftest import SETTINGS
from tests.dns_server import DnsServer, dns_server
from tests.events.mail.domain.zones import RIGHT, SELECTOR, chosen, found, text
from tests.waiting import WITHIN


async def test_where_all_is_right_there_is_nothing_to_do() -> None:
    assert await found({}) == {
        "SPF": (True, "example.org: v=spf1 include:_spf.relay.example.net -all (2 of 10 lookups)"),
        "DKIM": (True, f"{SELECTOR}: rsa, 2048 bits"),
        "DMARC": (True, "_dmarc.example.org: p=reject"),
        "return path": (True, "SPF for example.org speaks for example.org"),
        "MX": (True, "what comes back to example.org goes to mx1.example.org, mx2.example.org"),
    }


async def test_where_nothing_is_there_the_lines_to_add_are_printed() -> None:
    async with dns_server({}) as (_, ask):
        lines = await mail_doctor.dns_lines(chosen(), ask)
    assert [str(line) for line in lines] == [
        'TO DO       SPF: add to DNS: example.org. TXT "v=spf1 a:relay.example.net -all" '
        "(or what the relay's provider names)",
        f'TO DO       DKIM: add to DNS: {SELECTOR}. TXT "v=DKIM1; k=rsa; p=<the public key that the relay shows>"',
        'TO DO       DMARC: add to DNS: _dmarc.example.org. TXT "v=DMARC1; p=reject; rua=mailto:<who reads reports>" '
        "(begin with p=none where other emails of this domain may fail, and look at the reports)",
        "OK          return path: SPF for example.org speaks for example.org",
        "TO DO       MX: add to DNS: example.org. MX 10 <the server that takes what comes back>.",
    ]


@pytest.mark.parametrize(
    ("changes", "fine", "words"),
    [
        ({("example.org", "MX"): ["0 ."]}, False, "says that it takes no email"),
        ({("mx1.example.org", "A"): None}, False, "mx1.example.org has no address"),
        ({("example.org", "MX"): None}, False, "add to DNS: example.org. MX 10"),
    ],
)
async def test_where_what_comes_back_goes(
    changes: dict[tuple[str, str], list[str] | None], fine: bool, words: str
) -> None:
    finding = (await found(changes))["MX"]
    assert (finding.fine, words in finding.words) == (fine, True), finding.words


async def test_spf_and_mx_are_those_of_the_return_path() -> None:
    back: dict[tuple[str, str], list[str] | None] = {
        ("back.example.org", "TXT"): [text("v=spf1 a:relay.example.net -all")],
        ("back.example.org", "MX"): ["10 mx1.example.org."],
    }
    findings = await found(back, bounces="bounces@back.example.org")
    assert findings["SPF"].words.startswith("back.example.org: v=spf1")
    assert findings["MX"].words == "what comes back to back.example.org goes to mx1.example.org"


def lose(server: DnsServer) -> None:
    server.lost |= {name for name, _ in RIGHT}


def break_all(server: DnsServer) -> None:
    server.broken |= {name for name, _ in RIGHT}


@pytest.mark.parametrize("away", [lose, break_all])
async def test_when_dns_does_not_answer_nothing_is_to_be_done(away: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """And it takes no longer than the time for one name, or two where one leads to the next."""
    assert callable(away)
    monkeypatch.setattr(lookups, "ANSWERS_WITHIN", 0.5)
    async with dns_server(RIGHT) as (server, ask):
        away(server)
        began = time.monotonic()
        lines = await mail_doctor.dns_lines(chosen(), ask)
        assert time.monotonic() - began < 3
    assert [(line.part, line.fine) for line in lines if line.part != "return path"] == [
        ("SPF", None), ("DKIM", None), ("DMARC", None), ("MX", None),
    ]  # fmt: skip
    assert lines[0].words == "DNS did not answer in time: look again later"


async def test_one_name_that_is_lost_hides_no_other() -> None:
    async with dns_server(RIGHT) as (server, ask):
        server.broken.add(SELECTOR)
        findings = await domain_check.findings(chosen(), ask)
    assert {part: finding.fine for part, finding in findings.items()} == {
        "SPF": True, "DKIM": None, "DMARC": True, "return path": True, "MX": True,
    }  # fmt: skip


async def test_a_running_server_remembers_what_is_to_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain_check, "_to_do", None)
    assert domain_check.standing() is None
    async with dns_server(RIGHT | {("_dmarc.example.org", "TXT"): [text("v=DMARC1; p=none")]}) as (server, ask):
        await domain_check.turn(chosen(), ask)
        said = domain_check.standing()
        assert said == [
            "DMARC: _dmarc.example.org: p=none lets forged emails through: go to p=quarantine, then p=reject"
        ]
        server.records[("_dmarc.example.org", "TXT")] = [text("v=DMARC1; p=reject")]
        await domain_check.turn(chosen(), ask)
    assert domain_check.standing() == []


async def test_a_rehearsal_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing leaves the computer. A live server asks at once: the same turn, with an https address."""
    asked = asyncio.Event()

    async def turn(*_: object) -> None:
        asked.set()

    monkeypatch.setattr(domain_check, "turn", turn)
    async with asyncio.timeout(WITHIN):
        await domain_check.run(chosen(base_url="http://127.0.0.1:8415"), asyncio.Event())
        assert not asked.is_set()
        stop = asyncio.Event()
        running = asyncio.create_task(domain_check.run(chosen(), stop))
        await asked.wait()
        stop.set()
        await running


async def test_without_a_sender_there_is_no_domain_to_ask_about() -> None:
    [line] = await mail_doctor.dns_lines(SETTINGS.model_copy(update={"sender": ""}))
    assert (line.part, line.fine) == ("DNS", None)


async def test_the_doctor_prints_them(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    async with dns_server(RIGHT) as (_, ask):
        monkeypatch.setattr(mail_doctor, "Lookups", lambda: ask)
        lines = [line async for line in doctor.examined(Database(f"sqlite://{tmp_path}/none.db", {}), chosen())]
    parts = [line.part for line in lines if line.fine]
    of_email = ["SPF", "DKIM", "DMARC", "return path", "MX"]
    assert [part for part in parts if part in of_email] == of_email


async def test_a_long_chain_of_names_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answers in time, and all together do not."""
    monkeypatch.setattr(domain_check, "ALL_WITHIN", 0.2)

    class Slow(lookups.Lookups):
        async def texts(self, name: str) -> list[str]:
            await asyncio.sleep(0.05)
            return [f"v=spf1 include:x{name} -all"]

    assert (await domain_check.findings(chosen(), Slow()))["SPF"].fine is None
