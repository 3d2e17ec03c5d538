"""The legal bases that the privacy notice tells are those that the code declares beside each column. Rules: DP-04."""

import re

import pytest

from events.event import Event
from events.ground.database import Database
from events.ground.personal import declared, declared_in
from registrations.people.choices import Choices
from registrations.people.needs import Needs
from registrations.people.person import Person
from tests.browser import browsing, words
from tests.tables import models


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
async def test_the_notice_says_what_rests_on_which_basis_as_the_code_declares(database: Database, event: Event) -> None:
    async with browsing(database) as client:
        page = words((await client.get("/privacy")).text)
    purposes = [purpose for model in models() for purpose in declared(model).values()]
    purposes += [purpose for value in (Person, Needs, Choices) for purpose in declared_in(value).values()]
    assert [purpose.purpose for purpose in purposes if not purpose.basis] == []
    noticed = [(purpose.basis.partition(", each ")[0], purpose.notice) for purpose in purposes if purpose.notice]
    bases = page.partition("What rests on which basis")[2].partition("How we decide")[0]
    assert len(noticed) > 15
    assert [pair for pair in noticed if pair[0][1:] not in bases or re.split("[:;]", pair[1])[0] not in bases] == []
    assert "Explicit consent (Article 9(2)(a) of the UK GDPR) : what adjustments you need" in bases
