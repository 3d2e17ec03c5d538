"""The text of the public page: what may stand in it is drawn, and whatever else anybody writes runs nothing."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.content.markdown import as_text, drawn, faults, in_email, lines_of

WHOLE = """# Workshops

Come *early*, and **bring** the [plan](https://example.org/a?b=1&c=2).
Write to [us](mailto:organisers@example.org) or [telephone](tel:+441632960003).

- One
- Two
  1. Two and a half

## Later
"""
DRAWN = """<h2 class="govuk-heading-m">Workshops</h2>
<p class="govuk-body">Come <em>early</em>, and <strong>bring</strong> the \
<a class="govuk-link" href="https://example.org/a?b=1&amp;c=2" rel="noopener noreferrer">plan</a>.<br>
Write to <a class="govuk-link" href="mailto:organisers@example.org">us</a> or \
<a class="govuk-link" href="tel:+441632960003">telephone</a>.</p>
<ul class="govuk-list govuk-list--bullet"><li>One</li>
<li>Two<ol class="govuk-list govuk-list--number"><li>Two and a half</li>
</ol>
</li>
</ul>
<h3 class="govuk-heading-s">Later</h3>
"""
TAG = re.compile(
    r'<(/?(h2|h3|h4|p|ul|ol|li|em|strong|span)|br|/a)( class="[a-z -]+")?>'
    r'|<a class="govuk-link" href="((https?://|mailto:|tel:)[^"<>\s]+)"( rel="noopener noreferrer")?>',
    re.I,
)


def test_headings_stand_below_the_pages_own_and_lists_links_and_emphasis_are_drawn() -> None:
    assert (str(drawn(WHOLE)), faults(WHOLE)) == (DRAWN, [])


NOT_HERE = {
    "a\n\n<script>alert(1)</script>": "Line 3 has HTML, between < and >",
    "a\nb <img src=x onerror=alert(1)>": "Line 2 has HTML, between < and >",
    "a\n![plan](https://example.org/a.png)": "Line 2 has a picture",
    "a\n\n> said": "Line 3 has a quotation",
    "```\na\n```": "Line 1 has code between ```",
    "a `b`": "Line 1 has code between `",
    "a\n\n---": "Line 3 has a line across the page",
    "## Later": "Line 1 has a heading with ##, and none with # above it",
    "#### a": "Line 1 has a heading with more than three #",
    "#": "Line 1 has a heading without words",
    "[](https://example.org)": "Line 1 has a link without words",
    "- a\n  - b\n    - c": "Line 3 has a list in a list in a list",
}


@pytest.mark.parametrize("text", NOT_HERE)
def test_whatever_else_is_named_by_its_line(text: str) -> None:
    assert [fault[: len(NOT_HERE[text])] for fault in faults(text)] == [NOT_HERE[text]]


LEAD_NOWHERE = (
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "&#106;avascript:alert(1)", "data:text/html,x", "vbscript:x",
    "file:///etc",
    "//example.org", "/privacy", "?said=open", "#top", "https://user@example.org", "https://example.org@evil.example",
    "https:///a", "http:a", "https://[", "https://localhost", "mailto:nobody", "mailto:a@example.org?bcc=b@example.org",
    "tel:alert(1)", "blob:x",
)  # fmt: skip


@pytest.mark.parametrize("link", LEAD_NOWHERE)
def test_a_link_leads_to_a_website_an_address_or_a_number_alone(link: str) -> None:
    for text in (f"[a]({link})", f"<{link}>"):
        assert "href" not in drawn(text)
    assert faults(f"[a]({link})")[0].startswith("Line 1 has a link to “")
    assert "href" in drawn("[a](https://example.org)"), "the search has to work"


PIECES = (
    "<", ">", '"', "'", "&", "[", "](", ")", "!", "*", "**", "#", "# ", "\n", "\n\n", "- ", "1. ", "`", "~~~", "\\",
    "a", "javascript:", "https://e.org/", "mailto:a@e.org", "<b onclick=x>", "<!--", "-->", "&lt;", "&#x3c;", " ",
    "    ", "\t", "http://", "<https://e.org/", "\x00", "<script>", "</p>", "|", "---", "> ",
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_nothing_that_anybody_writes_makes_any_other_tag(pieces: list[str]) -> None:
    html = str(drawn(lines_of("".join(pieces))))
    assert not re.search("[<>]", TAG.sub("", html)), html


def test_what_was_typed_keeps_its_paragraphs_and_indents() -> None:
    assert lines_of("\r\n\n a\u202e b \r\n\r\n\r\n\tc\x00\n\n") == " a b\n\n    c"


def test_a_text_is_drawn_once_however_often_its_page_is() -> None:
    """One of many brackets takes most of a second, in which nobody is scanned in."""
    first = drawn("[" * 200)
    before = drawn.cache_info()
    assert drawn("[" * 200) is first
    assert drawn("[" * 201) != first
    after = drawn.cache_info()
    assert (after.hits - before.hits, after.misses - before.misses) == (1, 1)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("# A\n\nB *c* __d__\ne", "A\n\nB c d\ne"),
        ("1. a\n2. b\n   - c\n\nEnd", "1. a\n2. b\n  - c\n\nEnd"),
        (
            "[w](https://x.example/y) and <https://z.example>",
            "w (https://x.example/y) and https://z.example (https://z.example)",
        ),
        ("5 * 3 and a_b_c", "5 * 3 and a_b_c"),
        ("<b>x</b>", "<b>x</b>"),
        ("", ""),
    ],
)
def test_the_text_of_an_email_has_the_words_and_where_links_lead(typed: str, text: str) -> None:
    assert as_text(typed) == text


def test_the_text_of_an_announcement_is_put_together_once_for_all_who_get_it() -> None:
    """One of many brackets takes a fifth of a second, and a thousand guests get it."""
    text = "![[" * 1600
    assert as_text(text) is as_text(text)


def test_an_email_has_no_class_of_ours_and_what_was_typed_stays() -> None:
    typed = 'say class="govuk-body" and\n\n- [w](https://x.example/?q="class="govuk-body")'
    html = in_email(typed)
    assert ("<p>" in html, "<ul>" in html, "<p class" in html) == (True, True, False)
    assert "say class=&#34;govuk-body&#34; and" in html
