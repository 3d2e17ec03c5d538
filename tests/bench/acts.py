"""The ten commonest acts at the desk: how many presses and keys each takes, and how many seconds.

A practised organiser in the real Chromium, at the desk of a rehearsal: real pages, real presses, no way back. Seconds
are those of the pages (from the press until the next page is loaded), and those of a keystroke-level model: so long a
press with the pointer takes, a key, and a step of thought. Figures of pages are of one machine; presses are not.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from playwright.sync_api import Locator, Page, sync_playwright

from tests.walks.browsers import a_browser
from tests.walks.mailreader import Mailreader
from tests.walks.people import DESKTOP, Organiser, follows, new_page
from tests.walks.rehearsal import rehearsed

PRESS, KEY, THOUGHT = 1.1, 0.28, 1.35  # seconds: the model of Card, Moran and Newell, for somebody practised
CHOOSER = 3  # presses in the system's own window, which opens a file
MIDDLE = """what => {
    what.scrollIntoView({ block: "center", behavior: "instant" });
    const [seen] = [...what.getClientRects()].sort((one, other) => other.width - one.width);
    return [seen.x + seen.width / 2, seen.y + seen.height / 2];
}"""
SUBJECT, WORDS = "Parking on the day", "The car park behind the hall is closed. Please come by train."
INVITED = ("Ann Able", "Bob Bright", "Cat Close", "Dan Dear", "Eve Early", "Fay Fair", "Gus Good", "Hal High")


@dataclass
class Act:
    """One, as it is counted."""

    name: str
    presses: int = 0
    keys: int = 0
    thoughts: int = 0
    pages: int = 0
    waited: float = 0.0  # seconds, for those pages

    @property
    def modelled(self) -> float:
        return self.presses * PRESS + self.keys * KEY + self.thoughts * THOUGHT


@dataclass
class Hand:
    """An organiser's hand on mouse and keyboard."""

    page: Page
    mail: Mailreader
    acts: list[Act] = field(default_factory=list)

    @property
    def act(self) -> Act:
        return self.acts[-1]

    def begins(self, name: str, path: str = "/desk/launch") -> None:
        """At the page that the desk opens with, or the one that is bookmarked."""
        self.goes(path)
        self.acts.append(Act(name))

    def goes(self, path: str) -> None:
        """Uncounted."""
        self.page.goto(f"{self.mail.rehearsal.base}{path}")

    def thinks(self, steps: int = 1) -> None:
        self.act.thoughts += steps

    def presses(self, what: Locator) -> None:
        """In the middle of what is to be seen of it: a link may begin with words for screen readers alone."""
        self.act.presses += 1
        what.wait_for()
        self.page.mouse.click(*what.evaluate(MIDDLE))

    def ticks(self, what: Locator) -> None:
        self.act.presses += 1
        what.check(force=True)

    def types(self, what: Locator, text: str, *, by_tab: bool = False) -> None:
        self.act.keys += len(text) + by_tab
        self.act.presses += not by_tab
        what.fill(text)

    def follows(self, what: Locator) -> None:
        with self._another_page(), self.page.expect_navigation():
            self.presses(what)

    def enters(self, what: Locator) -> None:
        self.act.keys += 1
        with self._another_page(), self.page.expect_navigation():
            what.press("Enter")

    def fetches(self, what: Locator) -> None:
        with self._another_page(), self.page.expect_download() as got:
            self.presses(what)
        got.value.path()

    @contextmanager
    def _another_page(self) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.act.waited += time.monotonic() - began
        self.act.pages += 1

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True).locator("visible=true").first

    def link(self, name: str) -> Locator:
        """By a part of its words, in the page itself."""
        return self.page.locator("main").get_by_role("link", name=name).locator("visible=true").first

    def opens(self, name: str) -> None:
        """By the desk's menu. Where its parts stand in groups, the right one is opened first."""
        link = self.page.locator("nav a").filter(has_text=name).locator("visible=true")
        if not link.count():
            group = self.page.locator("nav details", has=self.page.locator(f"a:text-is('{name}')"))
            self.presses(group.locator("summary").locator("visible=true").first)
        self.follows(link.first)

    def finds(self, part: str, whole: str, *, state: str = "") -> None:
        self.opens("People")
        self.types(self.page.locator("#text"), part)
        self.enters(self.page.locator("#text"))
        self.thinks()
        self.follows(self.page.locator("tr", has_text=state).filter(has_text=whole).get_by_role("link").first)


def sees_what_is_to_do(hand: Hand) -> None:
    hand.begins("See what needs doing now", "/staff/account")
    hand.follows(hand.page.get_by_role("link", name="Desk", exact=True).first)
    hand.thinks(2)


def decides_the_next(hand: Hand) -> None:
    hand.begins("Decide the next request")
    hand.follows(hand.link("to decide"))
    hand.thinks()
    hand.follows(hand.page.locator("button[form=approve-one]").first)


def decides_ten(hand: Hand) -> None:
    hand.begins("Decide ten like requests")
    hand.follows(hand.link("to decide"))
    hand.follows(hand.page.locator("thead").get_by_role("link", name="Organisation").first)
    hand.thinks()
    for n in range(10):
        hand.ticks(hand.page.locator("td input[name=person]").nth(n))
    hand.follows(hand.page.locator("button[name=decision][value=approve]").locator("visible=true").first)
    hand.thinks()
    hand.follows(hand.page.locator("main .govuk-button-group button").first)


def finds_one(hand: Hand) -> None:
    hand.begins("Find one person by part of a name")
    hand.finds("kowal", "Kowalska")


def corrects_an_address(hand: Hand) -> None:
    """The Yes of whoever reads the new address lies between, and is not counted."""
    hand.begins("Correct an address, send the ticket again")
    hand.finds("adeyemi", "Adeyemi", state="Approved")
    hand.follows(hand.link("Correct the email address"))
    address = "b.adeyemi@constabulary.example.org"
    hand.types(hand.page.locator("#email"), address)
    hand.thinks()
    hand.follows(hand.button("Ask at this address"))
    hand.mail.opens_newest(address, "")
    says_yes(hand, hand.mail.link("new-address"))
    hand.goes("/desk/launch/requests")
    hand.thinks()
    hand.follows(hand.page.locator("main a", has_text="Review").filter(has_text="Adeyemi").first)
    hand.ticks(hand.page.get_by_label("Approve").first)
    hand.follows(hand.button("Decide"))


def says_yes(hand: Hand, link: str) -> None:
    page = hand.page.context.new_page()
    page.goto(link)
    page.get_by_role("radio").first.check()
    follows(page, page.locator("main button").first)
    page.close()


def writes_to_all(hand: Hand) -> None:
    hand.begins("Write to everybody who has a place")
    hand.follows(hand.page.get_by_role("link", name="approved").locator("visible=true").first)
    hand.follows(hand.link("Write to"))
    hand.thinks()
    for name, value in (("audience", "everybody with a place"), ("kind", "all"), ("workshop", "all")):
        radio = hand.page.locator(f"input[name={name}][value='{value}']")
        if radio.count() and not radio.is_checked():
            hand.ticks(radio)
    hand.types(hand.page.locator("#subject"), SUBJECT)
    hand.types(hand.page.locator("#words"), WORDS, by_tab=True)
    hand.follows(hand.button("Save and read it"))
    hand.thinks(2)
    hand.follows(hand.page.locator("form[action$='/send'] button"))


def takes_a_list_away(hand: Hand) -> None:
    hand.begins("Export the attendance list for catering")
    hand.opens("Exports")
    hand.follows(hand.link("Attendance"))
    hand.thinks()
    hand.types(hand.page.locator("#purpose"), "Numbers for the caterer")
    hand.ticks(hand.page.locator("input[name=format][value=xlsx]"))
    hand.follows(hand.button("Make the file"))
    hand.fetches(hand.button("Fetch the file"))


def prints_newcomers(hand: Hand) -> None:
    """All are printed before, then somebody gets a place."""
    hand.begins("", "/desk/launch/badges")
    prints(hand, "all")
    hand.goes("/desk/launch/requests")
    follows(hand.page, hand.page.locator("button[form=approve-one]").first)
    hand.acts.pop()
    hand.begins("Print badges of today's newcomers")
    hand.opens("Badges")
    hand.thinks()
    prints(hand, "new")


def prints(hand: Hand, which: str) -> None:
    for name, value in (("which", which), ("order", "surname"), ("paper", "card-sheet")):
        hand.ticks(hand.page.locator(f"input[name={name}][value={value}]"))
    hand.fetches(hand.button("Make the file"))


def pairs_a_phone(hand: Hand) -> None:
    """At the desk; the ten characters that are typed on the phone come on top."""
    hand.begins("Pair a door phone")
    hand.opens("Doors and phones")
    hand.follows(hand.link("Pair a phone"))
    hand.types(hand.page.locator("#phone_name"), "Main door 1")
    hand.ticks(hand.page.locator("input[name=role][value=steward]"))
    hand.thinks()
    hand.follows(hand.page.locator("form[action$='/phones'] button").first)


def brings_a_list(hand: Hand) -> None:
    hand.begins("Bring in a list of invited people")
    with TemporaryDirectory() as folder:
        rows = [f"{name},{name.replace(' ', '.')}@thornhill.example.org,Thornhill Trust,Charity" for name in INVITED]
        (file := Path(folder) / "list.csv").write_text("\n".join(["Name,Email,Organisation,Kind", *rows]))
        hand.opens("People")
        hand.follows(hand.link("Import a list"))
        hand.act.presses += CHOOSER
        hand.page.locator("#file").set_input_files(file)
        hand.follows(hand.button("Upload"))
    hand.thinks(2)
    hand.follows(hand.button("See what would happen"))
    hand.thinks(2)
    hand.ticks(hand.page.locator("input[name=invite][value=yes]"))
    hand.follows(hand.button("Continue"))


ACTS: Sequence[Callable[[Hand], None]] = (
    sees_what_is_to_do, decides_the_next, decides_ten, finds_one, corrects_an_address, writes_to_all,
    takes_a_list_away, prints_newcomers, pairs_a_phone, brings_a_list,
)  # fmt: skip


def measure() -> int:
    """Prints a table. It fails where an act cannot be done as a practised organiser does it."""
    with rehearsed() as running, sync_playwright() as playwright, a_browser(playwright) as browser:
        organiser = Organiser.at_the_desk(new_page(browser, DESKTOP), running)
        running.proves_both()
        organiser.makes_room()
        hand = Hand(organiser.page, Mailreader(running))
        for act in ACTS:
            act(hand)
    click.echo(f"{'':44}{'presses':>9}{'keys':>7}{'pages':>7}{'model s':>9}{'pages s':>9}")
    for done in hand.acts:
        told = f"{done.presses:9}{done.keys:7}{done.pages:7}{done.modelled:9.1f}{done.waited:9.1f}"
        click.echo(f"{done.name:44}{told}")
    return 0
