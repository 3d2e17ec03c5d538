"""An email as people and machines read it: its words, its links, its parts.

Rules: EM-02, EM-04, EM-11.
"""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from html.parser import HTMLParser

from events.ground.wording import SUPPORT
from events.mail.emails import Email, Writer
from events.mail.outbox import Message

OWN = "https://places.example.org/"
OBSOLETE = re.compile(
    r"<(?:font|center|table(?! role=\"presentation\"))\b"
    r"|\s(?:bgcolor|align|valign|border|cellpadding|cellspacing|face|color)=",
    re.I,
)
BUTTON_ENDS = "</a></td></tr></table>"  # in the text it is a link, with its words before the address
INDISCREET = re.compile(r"stalk|abuse|violence|victim|survivor|safer places|refuge", re.I)


def read(email: Email) -> EmailMessage:
    """As whoever receives it has it, lines ended as Python ends them."""
    parsed = message_from_bytes(email.raw.replace(b"\r\n", b"\n"), policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


async def written(writer: Writer, message: Message) -> EmailMessage | None:
    email = await writer(message)
    return read(email) if email else None


def text_of(email: EmailMessage) -> str:
    part = email.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(email: EmailMessage) -> str:
    part = email.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def folded(text: str) -> str:
    """Its spaces and line ends as single spaces."""
    return " ".join(text.split())


def words_of_html(html: str) -> str:
    """What a reader sees of it."""
    body = html.split("<body", 1)[1].split(">", 1)[1].replace(BUTTON_ENDS, ": ")
    return folded(unescape(re.sub(r"<[^>]+>", " ", re.sub(r"</?(a|strong)\b[^>]*>", "", body))))


def links_of(html: str) -> list[tuple[str, str]]:
    """Each link with the words that stand for it."""
    return [
        (href, folded(unescape(shown))) for href, shown in re.findall(r'<a href="([^"]*)"[^>]*>(.*?)</a>', html, re.S)
    ]


def parts_of(email: EmailMessage) -> list[str]:
    return [part.get_content_type() for part in email.walk()]


class Fetched(HTMLParser):
    """Whatever an email program would load, or send somewhere, without being asked."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        loads = {"src", "background", "srcset", "action", "data", "poster"} | ({"href"} if tag != "a" else set())
        self.found += [value or "" for name, value in attrs if name in loads]
        self.found += [value or "" for name, value in attrs if name == "style" and "url(" in (value or "")]


def headings_of(html: str) -> list[str]:
    return [folded(unescape(heading)) for heading in re.findall(r"<h\d[^>]*>(.*?)</h\d>", html, re.S)]


def assert_filters_let_its_picture_through(email: EmailMessage) -> None:
    """What SpamAssassin holds against a picture: too few words beside it, and no name and brackets in *To*.

    HTML_IMAGE_ONLY_32 takes up to 3,200 characters of HTML for too few; we keep some distance.
    """
    assert len(html_of(email)) > 3_500, "HTML_IMAGE_ONLY_32"
    (to,) = email["To"].addresses
    assert (bool(to.display_name), str(email["To"]).endswith(f"<{to.addr_spec}>")) == (True, True), (
        "TO_NO_BRKTS_HTML_IMG"
    )


def assert_it_reads_well(email: EmailMessage) -> None:
    """What every email owes (EM-01, 02, 04, 11, DP-11, DP-17, SG-09, SG-11)."""
    text, html = text_of(email), html_of(email)
    assert words_of_html(html) == folded(text), "text and HTML say the same"
    assert [address for address in Fetched(html).found if not address.startswith("cid:")] == [], (
        "nothing is loaded from anywhere"
    )
    links = links_of(html)
    assert [shown for _, shown in links if "/" in shown] == [], "a link is words"
    assert [href for href, shown in links if f"{shown}: {href}" not in words_of_html(html)] == [], "and its address"
    assert [href for href, _ in links] == re.findall(r"https?://\S+", text), "the text has the same links"
    assert [href for href, _ in links if not href.startswith(OWN)] == [], "on our own host only"
    assert INDISCREET.search(str(email["Subject"])) is None
    assert [line.number for line in SUPPORT if line.number not in text] == []
    assert headings_of(html)[:1] == [re.split(r"\r?\n\r?\n", text)[1]], "one h1, which the text has too"
    assert len(re.findall("<main>", html)) == len(re.findall("<h1", html)) == 1
    assert OBSOLETE.search(html) is None
    bodies = [str(part.get_payload()) for part in email.walk() if not part.is_multipart()]
    assert max(len(line) for body in bodies for line in body.splitlines()) <= 76, "RFC 2045"
    if "cid:" in html:
        assert_filters_let_its_picture_through(email)
    assert [name for name in ("Cc", "Bcc", "Precedence", "List-Unsubscribe") if name in email] == []
    assert [len(email.get_all(name, [])) for name in ("To", "From", "Reply-To", "Date", "Message-ID", "Subject")] == [
        1
    ] * 6
    assert len(email["To"].addresses) == 1
    assert email["Auto-Submitted"] == "auto-generated"
    assert email["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert email["Reply-To"] == "organisers@example.org"
