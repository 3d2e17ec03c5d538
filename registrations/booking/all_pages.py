"""Every page that a guest opens with a link of theirs about a booking."""

from . import address_pages, booking_pages, change_pages, needs_pages, offer_pages, workshop_pages
from .colleagues import naming_pages
from .handing import hand_over_pages, take_over_pages

PAGES = (
    booking_pages,
    address_pages,
    change_pages,
    naming_pages,
    hand_over_pages,
    take_over_pages,
    needs_pages,
    workshop_pages,
    offer_pages,
)
routes = [route for pages_of_one_subject in PAGES for route in pages_of_one_subject.routes]
