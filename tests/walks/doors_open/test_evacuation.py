"""A roll call on a steward's phone: a band over all else, under which scans are still taken, until it ends."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.walks.inspector import axe_in
from tests.walks.people import Organiser, fits
from tests.walks.phone import Phone

Guests = Iterator[tuple[str, str]]


@pytest.mark.promise
def test_sg15_a_stewards_phone_shows_an_evacuation_until_it_ends(sid: Phone, omar: Organiser, guests: Guests) -> None:
    name, code = next(guests)
    band = sid.page.locator("#evacuation")
    expect(band).to_be_hidden()
    starts_evacuation(omar)
    sid.in_time(band.is_visible, "the band")
    expect(band).to_contain_text("EVACUATION since")
    sid.page.set_viewport_size({"width": 320, "height": 568})
    sid.scans(code)
    sid.sees("COME IN", name)
    with axe_in(sid.page) as axe:
        assert axe() == []
    fits(sid.page)
    assert band.evaluate("band => band.getBoundingClientRect().top") == 0, "nothing is above it"
    sid.is_ready_again()
    ends(omar)
    sid.in_time(band.is_hidden, "its end")


def starts_evacuation(omar: Organiser) -> None:
    omar.goes_to("roll-call/start")
    omar.page.get_by_label("The building is being left now").check()
    omar.page.get_by_role("button", name="Start the roll call").click()


def ends(omar: Organiser) -> None:
    omar.goes_to("roll-call/end")
    omar.page.get_by_role("button", name="End the roll call").click()
