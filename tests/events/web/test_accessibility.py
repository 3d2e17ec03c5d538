"""Somebody reads the accessibility statement again each year, or the doctor says so.

Rules: GU-15.
"""

from datetime import timedelta

from events import doctor
from events.web import accessibility


def test_an_accessibility_statement_that_nobody_has_read_for_a_year_is_named() -> None:
    last = accessibility.REVIEWED + timedelta(days=365)
    lines = [doctor.statement_line(day) for day in (last, last + timedelta(days=1))]
    assert [(line.fine, accessibility.in_words(accessibility.REVIEWED) in line.words) for line in lines] == [
        (True, True), (False, True),
    ]  # fmt: skip
