"""The list of known organisations is the event's own: added to, changed and cut by organisers, and always recorded."""

import pytest

from events import known_organisation
from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import SEALED, AuditEntry
from events.event import Event
from events.ground.refusal import Refused
from events.known_organisation import DEFAULT_LIST, KnownOrganisation, Row, Treatment, rows_of
from tests.people import MONDAY, an_event

WARDENS = Row("wardens.example.org", "charity", Treatment.REVIEW)


def test_the_list_that_comes_with_the_product_is_sound() -> None:
    rows = rows_of(DEFAULT_LIST.read_text())
    assert len({row.domain for row in rows}) == len(rows) == 52
    assert {row.domain for row in rows if row.suffix} == {"police.uk", "nhs.uk", "nhs.net", "gov.uk", "cjsm.net"}
    assert DEFAULT_LIST.read_text().splitlines()[0] == "domain,kind,treatment,area"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("domain,kind\nexample.org,charity\n", "The first line has to name the columns: domain,kind,treatment"),
        ("domain,kind,treatment\n,charity,partner\n", "Line 2: Enter a domain, like example.org"),
        (
            "domain,kind,treatment\nexample.org\n",
            "Line 2: the treatment has to be one of partner, review, public-sector",
        ),
        ("domain,kind,treatment\n*.com,suffix,public-sector\n", "Line 2: Enter a domain with a dot in it: all of .com"),
        ("domain,kind,treatment\nnot a domain.org,charity,partner\n", "Line 2: Enter a domain, like example.org"),
    ],
)
def test_a_wrong_list_is_refused_by_its_line(text: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        rows_of(text)
    assert refused.value.sentence.startswith(sentence)


def test_a_domain_is_kept_in_ascii() -> None:
    assert rows_of("domain,kind,treatment\nBÜCHER.example,charity,review\n")[0].domain == "xn--bcher-kva.example"


async def test_each_change_is_recorded_with_the_domain(event: Event, omar: Staff) -> None:
    known = await known_organisation.add(event, WARDENS, by=omar, at=MONDAY)
    await known_organisation.change(known, "charity", Treatment.PARTNER, by=omar, at=MONDAY)
    await known_organisation.remove(known, by=omar, at=MONDAY)
    entries = await AuditEntry.filter(action=Action.ORGANISATION_CHANGED).order_by("id")
    plain = [{name: value for name, value in entry.details.items() if name != SEALED} for entry in entries]
    assert [(entry.actor, entry.event_id, details) for entry, details in zip(entries, plain, strict=True)] == [
        (omar.actor, event.id, {"act": "added", "domain": WARDENS.domain, "treatment": "review"}),
        (omar.actor, event.id, {"act": "changed", "domain": WARDENS.domain, "treatment": "partner"}),
        (omar.actor, event.id, {"act": "removed", "domain": WARDENS.domain, "treatment": "partner"}),
    ]
    assert await KnownOrganisation.all().count() == 0


async def test_a_domain_stands_once_in_the_list_of_one_event(event: Event, omar: Staff) -> None:
    await known_organisation.add(event, WARDENS, by=omar, at=MONDAY)
    with pytest.raises(Refused, match=known_organisation.KNOWN_ALREADY):
        await known_organisation.add(event, WARDENS, by=omar, at=MONDAY)
    await known_organisation.add(await an_event(), WARDENS, by=omar, at=MONDAY)
    assert await KnownOrganisation.all().count() == 2


async def test_loading_changes_what_the_file_names_and_leaves_the_rest(event: Event, omar: Staff) -> None:
    await known_organisation.add(event, WARDENS, by=omar, at=MONDAY)
    await known_organisation.add(event, Row("kept.example.org", "charity", Treatment.REVIEW), by=omar, at=MONDAY)
    rows = [WARDENS._replace(treatment=Treatment.PARTNER), Row("gov.uk", "suffix", Treatment.PUBLIC_SECTOR)]
    assert await known_organisation.load(event, rows, by=None, at=MONDAY) == 2
    found = await KnownOrganisation.filter(event_id=event.id).order_by("domain")
    assert [(organisation.domain, organisation.suffix, organisation.treatment) for organisation in found] == [
        ("gov.uk", True, Treatment.PUBLIC_SECTOR),
        ("kept.example.org", False, Treatment.REVIEW),
        ("wardens.example.org", False, Treatment.PARTNER),
    ]
