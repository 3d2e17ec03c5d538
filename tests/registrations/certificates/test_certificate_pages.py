"""A guest finds their certificate by the link that they hold; opening it changes nothing, and taking it asks a question
with nothing chosen. Anybody checks a number, and hears whether it is valid. Rules: EV-09, GU-15, SG-13.
"""

import json
import re

import httpx2
import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database, query
from events.ground.tokens import Purpose
from registrations.booking import alias
from registrations.certificates import on_paper, taking
from registrations.certificates.attended import Attended
from registrations.certificates.certificate import Certificate, Shows, Words, certificate_of
from registrations.people.registration import Registration
from registrations.phones.door import Device
from tests import pdf_reading
from tests.browser import browsing, heading, words
from tests.mail_reading import INDISCREET
from tests.people import VENUE_CANARY, Person, tell_anew
from tests.professional import path_to, with_ticket
from tests.registrations.certificates.giving import NEXT_DAY, comes, number_of, o_clock, release, takes


@pytest.fixture
async def guest(event: Event, sid: Device, omar: Staff, ada: Person) -> Registration:
    """Came, and left at half past two."""
    person = await comes(event, sid, ada, left=o_clock(14, 30))
    await release(event, omar)
    clock.move_to(NEXT_DAY)
    return person


def page_of(person: Registration) -> str:
    return f"{path_to(person, Purpose.MANAGE)}/certificate"


def options(answer: httpx2.Response) -> list[str]:
    return re.findall(r'<label class="govuk-label govuk-radios__label"[^>]*>(.*?)</label>', answer.text)


async def test_ada_says_that_it_is_her_name_and_has_it(database: Database, guest: Registration) -> None:
    async with browsing(database) as client:
        asked = await client.get(page_of(guest))
        assert heading(asked) == "Your certificate of attendance"
        assert (options(asked), " checked" in asked.text) == (["Yes: Ada Ashdown", "No, it has a mistake"], False)
        nothing = await client.post(page_of(guest), data={})
        assert (nothing.status_code, "Select whether this is your name" in nothing.text) == (422, True)
        wrong = await client.post(page_of(guest), data={"name": "wrong"})
        assert heading(wrong) == "Your name is wrong"
        assert not (await certificate_of(guest.id)).taken_at  # type: ignore[union-attr]
        await client.post(page_of(guest), data={"name": "full"})
        shown = await client.get(page_of(guest))
    said = words(shown.text)
    assert heading(shown) == "Certificate of attendance"
    for text in (
        "This certifies that Ada Ashdown attended Conference for professionals Monday 15 April 2019",
        "Hosted by Safer Places and Three Rivers District Council",
        "4 hours 15 minutes , of a programme of 5 hours 45 minutes",
        "From arrival to leaving, as the entrance counted them. Breaks do not count. Rounded to the nearest quarter",
        "Recognise the signs of stalking Refer somebody to an advocate",
        "This is an attendance certificate; not accredited.",
        await number_of(guest),
        "places.example.org/certificate",
        "until Sunday 14 July 2019",
    ):
        assert text in said, text
    assert VENUE_CANARY not in shown.text


async def test_a_gateway_that_opens_every_link_takes_none(database: Database, guest: Registration) -> None:
    before = await query("SELECT * FROM certificate")
    async with browsing(database) as client:
        for path in (page_of(guest), f"{page_of(guest)}?name", f"{page_of(guest)}/certificate.pdf", "/certificate"):
            await client.get(path)
            await client.head(path)
        await client.post(page_of(guest), data={})  # the form as it stands
        pdf = await client.get(f"{page_of(guest)}/certificate.pdf")
    assert await query("SELECT * FROM certificate") == before
    assert pdf.status_code == 404


async def test_only_their_own_link_opens_it(
    database: Database, event: Event, sid: Device, guest: Registration, bo: Person
) -> None:
    other = (await with_ticket(bo, event))[0]
    token = path_to(guest, Purpose.MANAGE).rpartition("/")[2]
    ticket = path_to(guest, Purpose.TICKET).rpartition("/")[2]
    await takes(guest, event)
    async with browsing(database) as client:
        for forged in (ticket, token[:-1] + ("a" if token[-1] != "a" else "b"), token[:16], f"{guest.id}"):
            for rest in ("", "/certificate.pdf"):
                assert (await client.get(f"/manage/{forged}/certificate{rest}")).status_code == 404, forged
        assert "There is no certificate for you" in (await client.get(page_of(other))).text
        refused = await client.post(page_of(other), data={"name": "full"})
        assert "There is no certificate for you" in refused.text
        assert (await client.get(f"{page_of(other)}/certificate.pdf")).status_code == 404
        assert (await client.get(f"{page_of(guest)}/certificate.pdf")).status_code == 200


@pytest.mark.parametrize("shows", [Shows.BADGE_NAME, Shows.FULL_NAME])
async def test_who_has_an_alias_chooses_which_name_stands_on_it(
    database: Database, event: Event, omar: Staff, guest: Registration, shows: Shows
) -> None:
    await tell_anew(guest, badge_name="Sam Speaker")
    await alias.note(await Registration.get(id=guest.id), True, omar, NEXT_DAY)
    name = {Shows.BADGE_NAME: "Sam Speaker", Shows.FULL_NAME: "Ada Ashdown"}
    async with browsing(database) as client:
        asked = await client.get(page_of(guest))
        assert options(asked) == ["Ada Ashdown", "Sam Speaker", "Neither: there is a mistake"]
        assert " checked" not in asked.text
        await client.post(page_of(guest), data={"name": shows.value})
        shown = await client.get(page_of(guest))
        assert f"This certifies that {name.pop(shows)} attended" in words(shown.text)
        assert not [other for other in name.values() if other in shown.text], "the other name stands nowhere"
        [other] = name
        await client.post(page_of(guest), data={"name": other.value})
        changed = await client.get(page_of(guest))
    assert f"This certifies that {name[other]} attended" in words(changed.text)
    assert await number_of(guest) in changed.text


async def test_who_changes_the_name_again_and_again_has_to_wait(
    database: Database, event: Event, omar: Staff, guest: Registration
) -> None:
    """Each change is an entry of the audit log."""
    await tell_anew(guest, badge_name="Sam Speaker")
    await alias.note(await Registration.get(id=guest.id), True, omar, NEXT_DAY)
    async with browsing(database) as client:
        names = [Shows.FULL_NAME.value, Shows.BADGE_NAME.value] * 11
        posted = [(await client.post(page_of(guest), data={"name": name})).status_code for name in names]
    assert (posted.count(303), posted[-1]) == (20, 429)
    assert await AuditEntry.filter(action=Action.CERTIFICATE_NAME_CHOSEN).count() == 19


async def test_nobody_puts_a_name_on_it_that_they_were_not_offered(database: Database, guest: Registration) -> None:
    await tell_anew(guest, badge_name="Somebody Else")
    async with browsing(database) as client:
        assert (await client.post(page_of(guest), data={"name": "badge"})).status_code == 422
        assert "Somebody Else" not in (await client.get(page_of(guest))).text


async def test_the_ticket_and_the_booking_lead_there_once_it_is_over(database: Database, guest: Registration) -> None:
    async with browsing(database) as client:
        for purpose in (Purpose.TICKET, Purpose.MANAGE):
            page = (await client.get(path_to(guest, purpose))).text
            assert f'href="{page_of(guest)}"' in page
        way = page.index(f'href="{page_of(guest)}"')
        assert way < page.index("Show my ticket") < page.index("Name on the badge"), "the page of a booking begins so"
        clock.move_to(o_clock(12))
        for purpose in (Purpose.TICKET, Purpose.MANAGE):
            assert page_of(guest) not in (await client.get(path_to(guest, purpose))).text


async def test_what_was_damaged_is_shown_to_nobody(database: Database, guest: Registration) -> None:
    await Certificate.all().update(held_sealed=b"\x01" + b"damaged" * 8)
    async with browsing(database) as client:
        shown = await client.get(page_of(guest))
    assert "Your certificate cannot be shown now" in shown.text


async def test_the_pdf_is_one_tagged_page(database: Database, event: Event, guest: Registration) -> None:
    number = await takes(guest, event)
    async with browsing(database) as client:
        made = await client.get(f"{page_of(guest)}/certificate.pdf")
    assert made.headers["content-disposition"] == 'attachment; filename="certificate.pdf"'
    assert made.headers["cache-control"] == "no-store"
    file = made.content
    assert pdf_reading.title_and_language(file) == ("Certificate of attendance", "en-GB")
    assert pdf_reading.page_sizes(file) == [pytest.approx((210, 297), abs=0.05)]
    assert pdf_reading.words(file) == (
        "Hosted by Safer Places and Three Rivers District Council Certificate of attendance This certifies that"
        " Ada Ashdown attended Conference for professionals Monday 15 April 2019"
        " Attended 4 hours 15 minutes, of a programme of 5 hours 45 minutes"
        " From arrival to leaving, as the entrance counted them. Breaks do not count. Rounded to the nearest quarter of"
        " an hour. Learning outcomes • Recognise the signs of stalking • Refer somebody to an advocate"
        " Accreditation This is an attendance certificate; not accredited."
        f" Number of this certificate {number} Check it at places.example.org/certificate. That page says whether the"
        " number is valid, and nothing more: compare the name with the person."
    )
    kinds = [tag.kind for tag in pdf_reading.tags(file)]
    assert [kind for kind in kinds if kind.startswith("H")] == ["H1", "H2", "H2", "H2"]
    assert (kinds.count("L"), kinds.count("LI")) == (1, 2)
    assert VENUE_CANARY not in pdf_reading.everything(file)
    assert not INDISCREET.search(made.headers["content-disposition"])


@pytest.mark.parametrize("name", ["W" * 100, "Anna " * 20, "محمد عبد الله الرحمن", "山田 太郎"])
async def test_whatever_stands_on_it_it_is_one_page(event: Event, name: str) -> None:
    event.title, most = "Wwwwww " * 28, "\n".join(["Wwwww wwwww " * 13] * 8)
    time = Attended(345, 345)
    words_of_it = Words(most, "W" * 100, "W" * 60)
    facts = on_paper.facts_of(event, taking.Ready("7K2QH-4MD9X-B0RTE", name.strip(), words_of_it, time))
    file = await on_paper.certificate_pdf(facts)
    assert len(pdf_reading.page_sizes(file)) == 1
    assert "7K2QH-4MD9X-B0RTE" in pdf_reading.words(file)
    assert ("on the web shows them" in pdf_reading.words(file)) == ("山" in name)
    assert file == await on_paper.certificate_pdf(facts), "the same bytes"


async def test_an_accreditation_is_named_where_organisers_entered_one(event: Event) -> None:
    assert on_paper.statement(Words("x", "A body", "CPD-7")) == (
        "This is an attendance certificate. The event is accredited by A body, reference CPD-7."
    )
    for lacking in (Words("x", "A body"), Words("x", "", "CPD-7"), Words("x")):
        assert on_paper.statement(lacking) == on_paper.NOT_ACCREDITED


async def test_the_page_says_valid_or_not_and_nothing_of_whose(
    database: Database, event: Event, guest: Registration, printed: pytest.CaptureFixture[str]
) -> None:
    number = await takes(guest, event)
    async with browsing(database) as client:
        assert heading(await client.get("/certificate")) == "Check a certificate"
        good = await client.post("/certificate", data={"number": number.lower().replace("-", " ")})
        bad = await client.post("/certificate", data={"number": "7K2QH-4MD9X-B0RTE"})
        assert (await client.post("/certificate", data={"number": ""})).status_code == 422
    assert (good.status_code, bad.status_code) == (200, 200)
    assert ("Not valid" in bad.text, "Not valid" in good.text) == (True, False)
    assert ">Valid<" in re.sub(r"\s", "", good.text)
    for page in (good, bad):
        for whose in ("Ada", "Ashdown", "professionals", "April", "Safer Places", number, number.replace("-", "")):
            assert whose not in page.text, whose
        assert (page.headers["cache-control"], "location" in page.headers) == ("no-store", False)
    assert number not in printed.readouterr().out


async def test_the_number_stands_in_no_row_and_no_log(event: Event, guest: Registration) -> None:
    number = await takes(guest, event)
    [row] = await query("SELECT * FROM certificate_number")
    assert set(row) == {"id", "event_id", "number_hash"}, "nothing says whose it is, or when it was made"
    tables = [await query(f"SELECT * FROM {table}") for table in ("certificate", "certificate_number", "audit_entry")]  # noqa: S608
    kept = json.dumps(tables, default=repr)
    assert not [text for text in (number, number.replace("-", ""), "Ada") if text in kept]
