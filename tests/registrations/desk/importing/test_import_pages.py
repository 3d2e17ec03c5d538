"""A list is uploaded, its columns are chosen, what would happen is shown, and only a yes invites anybody.

Rules: DP-16, SE-09.
"""

import tempfile
from datetime import timedelta
from typing import Any

import pytest

from events.accounts.staff import Session, Staff
from events.event import Event
from events.ground import clock, wording
from events.ground.database import Database
from events.mail.outbox import Message
from registrations.importing.files import MOST_BYTES, TOO_LARGE
from registrations.importing.people_import import LASTS, PeopleImport
from registrations.people.registration import Registration
from registrations.tickets.request_emails import confirm_email
from tests import mail_reading
from tests.at_the_desk import desk
from tests.browser import browsing, heading, words
from tests.people import THE_DAY, Person
from tests.registrations.desk.importing.list_pages import COLUMNS, csv_of, says_yes, uploads

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


async def test_a_yes_is_to_the_columns_that_its_page_showed(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    async with browsing(database, omar) as client:
        columns = (await uploads(client, event, csv_of(ada))).headers["location"]
        preview = (await client.post(columns, data=COLUMNS)).headers["location"]
        seen = (await PeopleImport.get()).mark
        await client.post(columns, data=COLUMNS | {"full_name": "2", "organisation": "0"})
        refused = await client.post(preview, data={"invite": "yes", "columns": seen})
        assert (refused.status_code, await Registration.all().count()) == (409, 0)
        assert "The columns or answers were changed in another window since." in words(refused.text)
        assert ada.organisation in words(refused.text)
        assert "checked" not in refused.text
        assert (await says_yes(client, preview)).status_code == 303, "the control"
    assert [row.full_name for row in await Registration.all()] == [ada.organisation]


async def test_from_the_file_to_the_yes(database: Database, event: Event, omar: Staff, ada: Person, bo: Person) -> None:
    async with browsing(database, omar) as client:
        assert heading(await client.get(desk(event, "people", "import"))) == "Import a list"
        columns = (await uploads(client, event, csv_of(ada, bo))).headers["location"]
        page = await client.get(columns)
        assert page.text.count(" selected") == 5, "the suggestions: nobody has a telephone number"
        assert ada.name in words(page.text)
        preview = (await client.post(columns, data=COLUMNS)).headers["location"]
        shown = await client.get(preview)
        said = words(shown.text)
        assert "2 people would be invited." in said
        assert bo.email in said
        assert "checked" not in shown.text, "nothing is chosen"
        assert (await client.post(preview, data={})).status_code == 422
        assert (await client.post(preview, data={"invite": "no"})).headers["location"] == columns
        assert await Registration.all().count() == 0
        done = await says_yes(client, preview)
        assert "2 people were invited." in words((await client.get(done.headers["location"])).text)
        again = await client.post(preview, data={"invite": "yes"})  # the button was pressed twice
        assert (again.status_code, await Registration.all().count()) == (303, 2)
        assert ada.name not in (await client.get(preview)).text
    assert (await PeopleImport.get()).list_sealed is None


async def test_the_email_says_where_the_address_is_from_and_that_they_have_no_place(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    async with browsing(database, omar) as client:
        columns = (await uploads(client, event, csv_of(ada))).headers["location"]
        preview = (await client.post(columns, data=COLUMNS)).headers["location"]
        await says_yes(client, preview)
        email = await mail_reading.written(confirm_email, await Message.get())
        assert email is not None
        text = " ".join(mail_reading.text_of(email).split())
        assert "Your address is on a list that an organiser entered at 09:00 on Monday 8 April 2019." in text
        assert "You do not have one yet." in text
        assert "We have your address only from that list." in text
        assert (
            "It shows what the list says about you. If you do not want a place, or do not want us to keep this, say No."
            in text
        )
        assert "If you do not answer in time, we delete it." in text
        assert not [word for word in ("typed", "answers", "given") if word in text], "they have done nothing yet"
        assert ada.name not in text
        link = next(word for word in text.split() if "/confirm/" in word)
        page = words((await client.get(link)).text)
        notice = words((await client.get("/privacy")).text)
    assert "An organiser entered you from a list that they have" in notice, "where the email sends them"
    assert "take what you told us out of this service as a file" in notice
    assert "an organiser entered this from a list" in page
    assert ada.name in page
    mail_reading.assert_it_reads_well(email)


async def test_columns_have_to_be_chosen_each_for_one_thing(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    async with browsing(database, omar) as client:
        columns = (await uploads(client, event, csv_of(ada))).headers["location"]
        none = words((await client.post(columns, data={})).text)
        twice = await client.post(columns, data=COLUMNS | {"role": "0", "email": "99"})
        assert (await client.get(columns.removesuffix("/columns"))).headers["location"] == columns
    assert "Choose which column has the name, or the first name and the surname" in none
    assert "Choose which column has the email" in none
    assert "Choose a column for the kind of organisation, or one kind for everybody" in none
    assert "“Name” is chosen twice." in words(twice.text)
    assert (twice.status_code, "Choose which column has the email" in words(twice.text)) == (422, True)


@SQLITE
async def test_after_the_event_the_page_says_so_in_place_of_its_form(
    database: Database, event: Event, omar: Staff
) -> None:
    async with browsing(database, omar) as client:
        before = await client.get(desk(event, "people", "import"))
        clock.move_to(THE_DAY + timedelta(days=1))
        await Session.all().update(stepped_up_at=clock.real())
        after = await client.get(desk(event, "people", "import"))
    assert [(a.status_code, 'type="file"' in a.text, wording.IS_OVER in words(a.text)) for a in (before, after)] == [
        (200, True, False),
        (200, False, True),
    ]


@SQLITE
async def test_a_file_that_is_none_or_too_large_is_refused_on_the_same_page(
    database: Database, event: Event, omar: Staff
) -> None:
    async with browsing(database, omar) as client:
        path = desk(event, "people", "import")
        nothing = await client.post(path, files={"file": ("", b"", "text/csv")})
        without = await client.post(path, files={"other": ("a", b"b", "text/csv")})
        odd = await uploads(client, event, b"%PDF-1.7", "list.pdf")
        large = await uploads(client, event, b"x" * (MOST_BYTES + 1))
        huge = await uploads(client, event, b"x" * (MOST_BYTES + (1 << 20)))
        no_form = await client.post(path, content=b"{}", headers={"content-type": "application/json"})
        referer = {"referer": f"{client.base_url}{desk(event, 'people')}?state=waiting"}
        elsewhere = await client.post(desk(event, "people", "search"), data={"text": "x" * 70_000}, headers=referer)
        stranger = {"referer": "https://x.example.org/desk"}
        strange = await client.post(desk(event, "people", "search"), data={"text": "x" * 70_000}, headers=stranger)
    assert [a.status_code for a in (nothing, without, odd, large, huge, elsewhere)] == [422, 422, 422, 413, 413, 413]
    assert no_form.status_code == 400
    assert [(heading(a), TOO_LARGE in words(a.text)) for a in (large, huge)] == [("Import a list", True)] * 2
    assert heading(elsewhere) == heading(strange) == "That was too large"
    assert f'href="{desk(event, "people")}?state=waiting"' in elsewhere.text
    assert "Go back" not in strange.text
    assert "Select a file" in words(nothing.text)
    assert "This is no XLSX, ODS or CSV file that we can read." in words(odd.text)
    assert await PeopleImport.all().count() == 0


async def test_a_list_is_its_uploaders_alone_and_sealed_and_over_after_an_hour(
    database: Database, event: Event, omar: Staff, lena: Staff, ada: Person
) -> None:
    async with browsing(database, omar) as client, browsing(database, lena) as other:
        columns = (await uploads(client, event, csv_of(ada))).headers["location"]
        sealed = (await PeopleImport.get()).list_sealed
        assert sealed
        assert ada.email.encode() not in bytes(sealed)
        assert [(await who.get(columns)).status_code for who in (client, other)] == [200, 404]
        await Session.all().update(stepped_up_at=None)
        assert (await client.get(columns)).headers["location"].startswith("/staff/step-up")
        await Session.all().update(stepped_up_at=clock.real())
        await PeopleImport.all().update(begun_at=clock.real() - LASTS)
        assert [(await client.get(columns)).status_code, (await client.post(columns)).status_code] == [410, 410]


@SQLITE
async def test_no_part_of_the_file_is_written_to_a_disk(
    database: Database, event: Event, omar: Staff, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Starlette would put what is larger than a megabyte into a file of the system's."""
    rolled = list[int]()
    roll = tempfile.SpooledTemporaryFile.rollover

    def noted(file: Any) -> None:
        rolled.append(1)
        roll(file)

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", noted)
    content = csv_of(ada) + b"\n" + b",,,,,\n" * 400_000
    assert len(content) > 2 << 20
    async with browsing(database, omar) as client:
        assert (await uploads(client, event, content)).status_code in (303, 413)
    assert rolled == []
    with tempfile.SpooledTemporaryFile(max_size=1) as control:
        control.write(b"two")
    assert rolled == [1], "the control"
