"""What templates read of the facts that they are given."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from jinja2 import DictLoader
from markupsafe import Markup

from events.ground import clock
from events.web.rendering import templates, when


@pytest.mark.parametrize(
    ("words", "facts", "drawn"),
    [
        ("{{ one.name }}", {"one": {"name": "Ada"}}, "Ada"),
        ("{{ one.name }}", {"one": {}}, ""),
        ("{{ one.name.first }}", {"one": {}}, ""),
        ("{{ 'yes' if one.name is defined else 'no' }}", {"one": {}}, "no"),
        ("{{ 'yes' if one.name is defined else 'no' }}", {"one": {"name": None}}, "yes"),
        ("{{ one.name }}", {"one": {"name": "<b>"}}, "&lt;b&gt;"),
        ("{{ one.name }}", {"one": {"name": "'\"&"}}, "&#39;&#34;&amp;"),
        ("{{ one.name }}", {"one": {"name": Markup("<b>")}}, "<b>"),
        ("{{ one.name }}", {"one": {"name": None}}, "None"),
        ("{% macro m(n) %}{{ n }}{% endmacro %}{{ m(one.name) }}", {"one": {"name": "<b>"}}, "&lt;b&gt;"),
        ("{% set block %}{{ one.name }}{% endset %}{{ block }}", {"one": {"name": "<b>"}}, "&lt;b&gt;"),
        ("{{ '<b>' ~ one.name ~ '</b>' }}", {"one": {"name": "&"}}, "&lt;b&gt;&amp;&lt;/b&gt;"),
        ("{% for key, value in one.items() %}{{ key }}={{ value }} {% endfor %}", {"one": {"items": 2}}, "items=2 "),
        ("{{ one['items'] }}", {"one": {"items": 2}}, "2"),
        ("{{ one.real }}", {"one": 3}, "3"),
    ],
)  # fmt: skip
def test_facts_are_read_as_jinja_reads_them(words: str, facts: Mapping[str, Any], drawn: str) -> None:
    assert templates().from_string(words).render(facts) == drawn


def test_blocks_are_drawn_in_their_places_and_may_draw_what_they_replace() -> None:
    made = templates().overlay(
        loader=DictLoader(
            {
                "top": "<{% block a %}a{{ x }}{% block b %}b{% endblock %}{% endblock %}>{{ self.b() }}",
                "middle": '{% extends "top" %}{% block b %}[{{ super() }}{{ x }}]{% endblock %}',
                "low": '{% extends "middle" %}{% block b %}({{ super() }}){% endblock %}',
            }
        )
    )
    assert made.get_template("low").render(x="&") == "<a&amp;([b&amp;])>([b&amp;])"
    assert made.get_template("top").render(x="&") == "<a&amp;b>b"


def test_a_template_is_read_once() -> None:
    """A page has some twenty, and each would be looked at on the disk for every page."""
    assert not templates().auto_reload


def test_what_pages_import_is_drawn_once_for_all() -> None:
    """With another fact on each page it is the same: an import sees none of them."""
    drawn = count(1)
    house = templates().overlay(
        loader=DictLoader(
            {"part": "{% set number = next_one() %}", "page": "{% from 'part' import number %}{{ number }} {{ who }}"}
        )
    )
    house.globals = {"next_one": lambda: next(drawn)}
    assert [house.get_template("page").render(who=who) for who in ("Ada", "Bo")] == ["1 Ada", "1 Bo"]


@pytest.mark.parametrize("month", range(1, 13))
def test_a_moment_is_told_as_a_clock_at_the_venue_shows_it(month: int) -> None:
    moments = [datetime(2019, month, day, hour, 7, tzinfo=UTC) for day in (1, 28) for hour in (0, 9, 23)]
    told = [f"{there.day} {there:%B %Y, %H:%M}" for there in map(clock.local, moments)]
    assert list(map(when, moments)) == told


def test_a_moment_in_summer_is_an_hour_later_there() -> None:
    assert when(datetime(2019, 4, 8, 8, 12, tzinfo=UTC)) == "8 April 2019, 09:12"
    assert when(datetime(2019, 1, 8, 8, 12, tzinfo=UTC)) == "8 January 2019, 08:12"
