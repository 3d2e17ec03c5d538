"""What a steward's hands do: a wedge scanner, counting out, a practice card, handing over; and what a browser keeps."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.walks.people import Organiser
from tests.walks.phone import AGAIN, IN_OFFLINE, LEAST, Opened, Phone

MINUTE = 60_000
COUNT_LOOKS = """() => {
  window.looks = 0;
  const Plain = Worker;
  window.Worker = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", () => window.looks++);
    }
  };
}"""
KEYS_IN_ITS_TIME = "Object.defineProperty(Event.prototype, 'timeStamp', { get: () => performance.now() })"
REFUSE_STORAGE = "indexedDB.open = () => { throw new DOMException('refused', 'SecurityError'); };"


@pytest.mark.parametrize("answer", ["true", "Promise.reject(new Error('no'))"])
def test_the_browser_is_asked_to_keep_what_is_stored_and_may_say_no(
    opened: Opened, omar: Organiser, answer: str
) -> None:
    with opened() as phone:
        phone.page.add_init_script(
            f"navigator.storage.persist = async () => {{ window.wished = true; return {answer}; }}"
        )
        phone.pairs(omar.gives_a_code())
        phone.starts()
        phone.bar("Online")
        assert phone.page.evaluate("window.wished") is True


@pytest.mark.promise
def test_dr20_refused_storage_is_said_and_nothing_is_pretended(
    opened: Opened, omar: Organiser, guests: Iterator[tuple[str, str]]
) -> None:
    name, code = next(guests)
    with opened() as phone:
        phone.page.add_init_script(REFUSE_STORAGE)
        phone.pairs(omar.gives_a_code())
        expect(phone.page.locator("#checks")).to_contain_text("refused: online only")
        expect(phone.page.locator("#begin")).to_be_disabled()
        phone.starts(online_only=True)
        phone.bar("Online only")
        phone.scans(code)
        phone.sees("COME IN", name)
        phone.is_ready_again()
        phone.loses_the_network()
        phone.scans(next(guests)[1])
        phone.sees("CANNOT TELL", "call the lead")


@pytest.mark.promise
def test_dr13_a_wedge_in_the_reference_field_is_a_scan_and_no_text(
    opened: Opened, omar: Organiser, guests: Iterator[tuple[str, str]]
) -> None:
    (name, code), (other, second), (third, its_code), (fourth, last) = (next(guests) for _ in range(4))
    with opened() as sid:
        sent = sid.posted()
        sid.page.add_init_script(KEYS_IN_ITS_TIME)  # a busy machine types as slowly as a hand does
        sid.pairs(omar.gives_a_code())
        sid.starts()
        asked: list[str] = []
        sid.page.on("request", lambda request: asked.append(request.url) if "/api/reference" in request.url else None)
        sid.taps("Type reference")
        for letter in "HK74Q":
            sid.page.keyboard.type(letter)
            sid.waits(200)  # as slowly as a hand, where all keys of a scanner come at once
        sid.types_quickly(code)
        sid.scans(code)
        sid.sees("COME IN", name)
        expect(sid.page.locator("#reference-code")).to_have_value("HK74Q")
        sid.is_ready_again()
        sid.types_quickly(second.lower())
        sid.sees("COME IN", other)
        expect(sid.page.locator("#reference-code")).to_have_value("HK74Q")
        sid.is_ready_again()
        sid.scans(its_code + last)
        sid.sees("COME IN", third)
        sid.waits(LEAST)
        sid.sees("COME IN", fourth)
        expect(sid.page.locator("#reference-code")).to_have_value("HK74Q")
        assert len({message for batch in sent for message in batch}) == 4, (
            "a second trigger within 300 milliseconds is no scan"
        )
        assert asked == [], "a scanner's first key is no sixth letter of a reference"
        sid.waits(AGAIN)
        sid.page.keyboard.type("D")
        sid.waits(200)
        expect(sid.page.locator("#reference-says")).to_contain_text("No ticket has this reference")
        assert len(asked) == 1


@pytest.mark.promise
def test_dr31_out_turns_the_frame_asks_of_strangers_and_falls_back(
    sid: Phone, guests: Iterator[tuple[str, str]]
) -> None:
    name, code = next(guests)
    sid.taps("More")
    sid.taps("Count out")
    expect(sid.page.locator("#door")).to_have_class("out")
    sid.bar("Out")
    sid.loses_the_network()
    sid.scans(code)
    sid.sees("ONE QUESTION", "Came in elsewhere?", name)
    sid.taps("Yes: count in and out")
    sid.sees("OUT", name)
    assert [(row["kind"], row["code"]) for row in sid.kept("pending")] == [("out", ""), ("out", "came_in_elsewhere")]
    sid.is_ready_again()
    sid.waits(11 * MINUTE)
    expect(sid.page.locator("#door")).not_to_have_class("out")
    sid.page.evaluate(COUNT_LOOKS)
    sid.taps("Wake camera")
    sid.in_time(lambda: sid.page.evaluate("window.looks") > 12, "a dozen pictures in which there is no code", 100)
    expect(sid.page.locator("#hint")).to_contain_text("counts in again")
    sid.scans(next(guests)[1])
    sid.sees("CHECK ID, THEN IN")  # the list is old by now
    sid.in_time(lambda: "Hold the code in the frame" in sid.page.locator("#hint").inner_text(), "the hint", 100)


def test_nobody_comes_in_by_the_practice_card_once_the_door_is_open(sid: Phone) -> None:
    posted = sid.posted()
    sid.scans("MUSTER:PRACTICE:COME-IN")
    sid.sees("PRACTICE CARD", "The door is open: practice is over")
    expect(sid.page.locator("#verdict")).to_have_class("verdict blue")
    sid.taps("Next")
    assert (posted, sid.kept("pending")) == ([], []), "it counts as no code of the board's alarm"
    with sid.page.expect_request("**/door/api/scans"):
        sid.scans("MUSTER:NO:CARD")
    sid.sees("NOT A TICKET", "Ask for the reference")
    assert len(posted) == 1, "what is no ticket is told"


def test_the_phone_says_who_holds_it(sid: Phone, guests: Iterator[tuple[str, str]]) -> None:
    sid.taps("More")
    sid.taps("Hand over")
    sid.page.get_by_label("Who holds this phone?").last.fill("ab")
    sid.page.locator("#handing [type=submit]").click()
    sid.loses_the_network()
    sid.scans(next(guests)[1])
    sid.sees(IN_OFFLINE)
    assert [row["initials"] for row in sid.kept("pending")] == ["AB"]
