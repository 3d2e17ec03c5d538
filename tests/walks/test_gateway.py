"""A mail gateway with a browser opens every link of somebody's mails and sends every form: nothing changes."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from registrations.privacy.retention.classes import CLASSES
from tests.walks.gateway import Gateway
from tests.walks.mailreader import WAITING, Mailreader
from tests.walks.people import DESKTOP, PHONE, Organiser, Professional, new_page, until
from tests.walks.rehearsal import Rehearsed

SPARED = {
    "sqlite_sequence", "draft", "attempt", "session", "audit_entry", "audit_seal", "audit_reach",
}  # fmt: skip  # what looking may touch: seals, and the note of the newest one, follow entries by a second
OF_SPARED = {kept.code for kept in CLASSES if kept.rows.table in SPARED}  # the turn notes what has gone of these too
Rows = dict[str, list[dict[str, Any]]]


def everything(rehearsal: Rehearsed) -> Rows:
    """Every row of every table but the spared ones, once no mail is on its way."""
    until(lambda: not rehearsal.rows(WAITING), "an empty outbox", 90)
    tables = {row["name"] for row in rehearsal.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    rows = {table: rehearsal.rows(f"SELECT * FROM {table} ORDER BY id") for table in tables - SPARED}  # noqa: S608
    return rows | {"deletion": [row for row in rows["deletion"] if row["kind"] not in OF_SPARED]}


def changed(before: Rows, after: Rows) -> set[str]:
    return {table for table in before if before[table] != after[table]}


def state_of(omar: Organiser, person: Professional) -> str:
    [row] = omar.rehearsal.rows(f"SELECT state FROM registration WHERE id = {omar.finds(person.email)}")  # noqa: S608
    return str(row["state"])


@pytest.fixture
def mail(rehearsal: Rehearsed) -> Mailreader:
    return Mailreader(rehearsal)


@pytest.fixture
def asks(browser: Browser, rehearsal: Rehearsed, mail: Mailreader) -> Callable[[str], Professional]:
    def somebody(name: str) -> Professional:
        """Has asked, and has the mail to confirm it."""
        email = f"{name.replace(' ', '.').lower()}@gateway.example.org"
        person = Professional(new_page(browser, PHONE), rehearsal, name, email)
        person.has_asked()
        mail.opens_newest(person.email, "Confirm your request")
        return person

    return somebody


def walked(browser: Browser, rehearsal: Rehearsed, links: list[str], *, picks: bool, deep: int) -> Gateway:
    gateway = Gateway(new_page(browser, DESKTOP), rehearsal.base, picks=picks, deep=deep)
    gateway.follow(links)
    return gateway


def opened(gateway: Gateway) -> set[str]:
    """Paths without the random part of a link."""
    paths = (urlsplit(link).path.split("/")[1:] for link in gateway.opened)
    return {"/".join(part for part in path if len(part) < 40) for path in paths}


def test_opening_waiting_and_sending_every_form_as_it_stands_changes_nothing(
    browser: Browser, rehearsal: Rehearsed, desk: Page, mail: Mailreader, asks: Callable[[str], Professional]
) -> None:
    omar = Organiser(desk, rehearsal)
    ada, bo = asks("Ada Gatewayed"), asks("Bo Unconfirmed")
    mail.opens_newest(ada.email, "Confirm your request")
    ada.has_confirmed(mail.link("confirm"))
    omar.has_approved(ada.email)
    mail.opens_newest(ada.email, "Your place on")
    before = everything(rehearsal)

    gateway = walked(browser, rehearsal, mail.every_link(ada.email) + mail.every_link(bo.email), picks=False, deep=2)

    assert changed(before, everything(rehearsal)) == set()
    assert (state_of(omar, ada), state_of(omar, bo)) == ("approved", "requested")
    assert {"ticket", "manage", "manage/give-up", "manage/send-again", "confirm", "confirm/again"} <= opened(gateway)
    assert {"e/launch/ask", "e/launch/ask/name", "ticket/calendar.ics", "ticket/ticket.pdf", "privacy"} <= opened(
        gateway
    )
    assert {sent.how for sent in gateway.sent} >= {"submit", "requestSubmit", "click"}
    taken = {sent.path.rsplit("/", 2)[1] for sent in gateway.sent if sent.status != 422}
    assert taken == {"change", "needs"}, "as it stands already"


def test_the_same_gateway_that_picks_the_first_choice_does_confirm(
    browser: Browser, rehearsal: Rehearsed, desk: Page, mail: Mailreader, asks: Callable[[str], Professional]
) -> None:
    """The control, on the pages that the email itself links to."""
    cleo = asks("Cleo Picked")
    before = everything(rehearsal)
    walked(browser, rehearsal, mail.every_link(cleo.email), picks=True, deep=0)
    assert "registration" in changed(before, everything(rehearsal))
    assert state_of(Organiser(desk, rehearsal), cleo) == "confirmed"
