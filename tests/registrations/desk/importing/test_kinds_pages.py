"""A kind of organisation in other words is asked once, on a page, and remembered. Rules: DP-16."""

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from registrations.importing import kind_words
from registrations.importing.kinds import MOST_WORDS
from registrations.people.registration import Registration
from tests.browser import browsing, heading, words
from tests.people import Person
from tests.registrations.desk.importing.list_pages import COLUMNS, chosen_on, csv_of, says_yes, uploads

HEADINGS = "Title;Surname;First name(s);E-mail address;Employer / Organisation;Type of org;Job title;Mobile no."
KINDS = ["Police force", "Local authority", "NHS", "Housing association", "Social Services", "Probation", "Allies"]
LIST = "\n".join(
    [
        HEADINGS,
        *(f"Dr;Ash{n};Ada;ada{n}@example.org;Org {n};{kind};Lead;07700 90000{n}" for n, kind in enumerate(KINDS)),
    ]
).encode()
TWICE = b"\nDr;Bell;Bo;bo@example.org;Org 9;Allies;Lead;07700 900009"  # what stands in one row may be a name


async def test_a_volunteers_list_goes_through_with_one_answer(database: Database, event: Event, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        columns = (await uploads(client, event, LIST)).headers["location"]
        page = await client.get(columns)
        assert "“Title” is left out: we keep no titles, such as Dr." in words(page.text)
        preview = (await client.post(columns, data=chosen_on(page))).headers["location"]
        asked = await client.get(preview, follow_redirects=True)
        assert heading(asked) == "Which kind is meant?"
        chosen = chosen_on(asked)
        assert chosen == {
            "kind of police force": "police",
            "kind of local authority": "council",
            "kind of nhs": "health",
            "kind of housing association": "housing",
            "kind of social services": "social care",
            "kind of probation": "probation or prisons",
            "kind of allies": "",
        }, "of Allies we are not sure"
        refused = await client.post(f"{preview}/kinds", data=chosen)
        assert (refused.status_code, chosen_on(refused)) == (422, chosen)
        assert "Choose a kind for “Allies”" in words(refused.text)
        assert (await client.get(preview)).headers["location"] == f"{preview}/kinds", "not asked yet"
        await client.post(f"{preview}/kinds", data=chosen | {"kind of allies": "something else"})
        await says_yes(client, preview)
    people = await Registration.all().order_by("id")
    assert [(row.full_name, row.person.role) for row in people] == [(f"Ada Ash{n}", "Lead") for n in range(7)]
    assert [row.kind.value for row in people] == [*list(chosen.values())[:-1], "something else"]


async def test_the_next_list_of_the_event_offers_what_was_said_and_it_can_be_changed(
    database: Database, event: Event, omar: Staff, lena: Staff
) -> None:
    for staff, expected, said in ((omar, "", "charity"), (lena, "charity", "housing"), (omar, "housing", "housing")):
        async with browsing(database, staff) as client:
            columns = (await uploads(client, event, LIST + TWICE)).headers["location"]
            preview = (await client.post(columns, data=chosen_on(await client.get(columns)))).headers["location"]
            chosen = chosen_on(await client.get(f"{preview}/kinds"))
            assert chosen["kind of allies"] == expected
            await client.post(f"{preview}/kinds", data=chosen | {"kind of allies": said})
            assert "Change which kinds are meant" in words((await client.get(preview)).text)
    assert (await kind_words.remembered(event))["allies"] == "housing"


async def test_rows_without_a_kind_are_asked_once_and_not_remembered(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    content = csv_of(ada) + b'\n"Bo Bell","bo@example.org","Org","","",""'
    async with browsing(database, omar) as client:
        columns = (await uploads(client, event, content)).headers["location"]
        preview = (await client.post(columns, data=COLUMNS)).headers["location"]
        page = await client.get(f"{preview}/kinds")
        assert "No kind in the row (1 person)" in words(page.text)
        missing = await client.post(f"{preview}/kinds", data={})
        assert "Choose a kind for people whose row has none" in words(missing.text)
        await client.post(f"{preview}/kinds", data={"kind of ": "housing"})
        await says_yes(client, preview)
    assert [row.kind.value for row in await Registration.all().order_by("id")] == ["charity", "housing"]
    assert await kind_words.remembered(event) == {}


async def test_a_list_of_one_organisation_needs_no_column_for_it(database: Database, event: Event, omar: Staff) -> None:
    content = b"Employee name,Work email,Position\nAda Ashdown,ada@example.org,Clerk\n"
    async with browsing(database, omar) as client:
        columns = (await uploads(client, event, content)).headers["location"]
        chosen = chosen_on(await client.get(columns)) | {"of_all": "council"}
        none = await client.post(columns, data=chosen)
        long = await client.post(columns, data=chosen | {"organisation_of_all": "x" * 121})
        preview = (await client.post(columns, data=chosen | {"organisation_of_all": "Westmoor"})).headers["location"]
        assert 'value="Westmoor"' in (await client.get(columns)).text
        await says_yes(client, preview)
    assert "Choose which column has the organisation, or enter one for everybody" in words(none.text)
    assert (long.status_code, "x" * 121 in long.text) == (422, True)
    assert "The organisation must be 120 characters or fewer" in words(long.text)
    assert [(row.person.organisation, row.kind.value) for row in await Registration.all()] == [("Westmoor", "council")]


async def test_a_column_that_says_too_many_different_things_has_no_kinds(
    database: Database, event: Event, omar: Staff
) -> None:
    people = [f"Ada {n},ada{n}@example.org,Org,Word {n}" for n in range(MOST_WORDS + 1)]
    async with browsing(database, omar) as client:
        for number, status in ((MOST_WORDS + 1, 422), (MOST_WORDS, 303)):
            content = "\n".join(["Name,Email,Organisation,Kind", *people[:number]]).encode()
            columns = (await uploads(client, event, content)).headers["location"]
            answer = await client.post(columns, data=COLUMNS | {"role": "", "phone": ""})
            said = f"“Kind” says more than {MOST_WORDS} different things" in words(answer.text)
            assert (answer.status_code, said) == (status, status == 422)
