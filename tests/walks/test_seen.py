"""What a steward's camera sees and the screen shows: no camera, codes that are no tickets, people not to be named."""

import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
import qrcode
from playwright.sync_api import Playwright, expect

from registrations.codes import qr, ticket_code
from tests.walks.browsers import a_browser
from tests.walks.camera import film
from tests.walks.house import Guest, House
from tests.walks.people import PHONE, Organiser, fits, until
from tests.walks.phone import AGAIN, Opened, Phone, a_phone

FRAMES = [60, 120, 210, 60, 60, 1800]  # thirty a second; the film begins anew only after a minute of nothing
TAKEN = """() => {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("in use", "NotReadableError"));
}"""
LOOKS_AT_THE_STEWARD = """() => {
  const told = MediaStreamTrack.prototype.getSettings;
  MediaStreamTrack.prototype.getSettings = function () { return { ...told.call(this), facingMode: "user" }; };
}"""
NOTES_SOUNDS = """window.sounds = []; const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...given) {
  window.sounds.push(document.querySelector("#verdict .word")?.textContent);
  return start.apply(this, given);
};"""  # with the word that stands on the screen


def helped(phone: Phone, title: str, words: str) -> None:
    """Plain words in place of the picture, and the reference can be typed at once."""
    expect(phone.page.locator("#no-camera-title")).to_have_text(title)
    expect(phone.page.locator("#no-camera-says")).to_contain_text(words)
    expect(phone.page.locator("#no-camera-says")).to_contain_text("Typing the reference works without a camera.")
    phone.page.get_by_label("Reference, like HK7-4QD").fill("222-222")
    phone.page.get_by_role("button", name="Find").click()
    expect(phone.page.locator("#reference-says")).to_contain_text("No ticket has this reference")


def is_live(phone: Phone) -> bool:
    track = "document.getElementById('video').srcObject?.getVideoTracks()[0]"
    return bool(phone.page.evaluate(f"{track}?.readyState === 'live' && !{track}.muted"))


def test_dr43_a_camera_that_is_refused_is_told_in_plain_words_and_the_reference_is_there_at_once(
    playwright: Playwright, lena: Organiser, house: House
) -> None:
    with (
        a_browser(playwright, None, "--use-fake-ui-for-media-stream=deny") as denying,
        a_phone(denying, house.rehearsed, permissions=[]) as opens,
        opens() as sid,
    ):
        sid.pairs(lena.gives_a_code())
        sid.starts()
        helped(sid, "Camera is blocked for this site", "allow the camera, then tap Try again")


def has_the_whole_band(sid: Phone) -> bool:
    wide = "id => document.getElementById(id).getBoundingClientRect().width"
    return bool(sid.page.evaluate(wide, "verdict") == sid.page.evaluate(wide, "stage"))


def test_dr43_taken_by_another_app_or_looking_at_the_steward_it_is_not_used_by_itself_and_turning_changes_nothing(
    opened: Opened, lena: Organiser, invited: Iterator[Guest]
) -> None:
    guest, typed = next(invited), next(invited)
    with opened(ticks=True) as sid:
        sid.pairs(lena.gives_a_code())
        sid.page.evaluate(TAKEN)
        sid.starts()
        helped(sid, "Another app has the camera", "Close other apps that use it, then tap Try again")
        sid.page.reload()
        sid.page.evaluate(LOOKS_AT_THE_STEWARD)
        sid.starts()
        helped(sid, "No camera at the back", "The only one that opens looks at you")
        assert not is_live(sid)
        sid.scans(typed.code)
        sid.sees("COME IN", typed.name)
        assert has_the_whole_band(sid), "what is said of the camera stands beside no verdict"
        sid.taps("Use this camera")
        expect(sid.page.locator("#no-camera")).to_be_hidden()
        until(lambda: is_live(sid), "a picture")
        sid.page.reload()
        sid.starts()
        expect(sid.page.locator("#no-camera")).to_be_hidden()
        sid.page.set_viewport_size({"width": PHONE["height"], "height": PHONE["width"]})
        until(lambda: is_live(sid), "a picture")
        fits(sid.page)
        sid.scans(guest.code)
        sid.sees("COME IN", guest.name)
        fits(sid.page)


def other_code(text: str) -> bytes:
    drawn = io.BytesIO()
    qrcode.make(text).save(drawn)
    return drawn.getvalue()


@pytest.mark.promise
def test_dr10_dr12_before_the_camera_another_code_is_no_ticket_and_one_tap_later_a_ticket_in_view_is_one_scan(
    playwright: Playwright, lena: Organiser, house: House, tmp_path: Path, invited: Iterator[Guest]
) -> None:
    """In view for seven seconds, more than a lock lasts; the guest after it shows that it is over."""
    guest, other = islice(invited, 2)
    codes = [other_code("https://www.example.org/menu"), *(qr.png(person.code) for person in (guest, other))]
    camera = film(tmp_path / "film.mjpeg", [codes[0], None, codes[1], None, codes[2], None], frames=FRAMES)
    with (
        a_browser(playwright, camera) as filmed,
        a_phone(filmed, house.rehearsed) as opens,
        opens(ticks=True) as sid,
    ):
        sid.page.add_init_script(NOTES_SOUNDS)
        sid.pairs(lena.gives_a_code())
        sent = sid.posted()
        sid.starts()
        sid.sees("NOT A TICKET")
        expect(sid.page.get_by_label("Reference, like HK7-4QD")).to_be_visible()
        sid.page.locator("#verdict").click()
        sid.sees("COME IN", guest.name)
        sid.sees("COME IN", other.name)
        scans = list(dict.fromkeys(scan for batch in sent for scan in batch))  # a slow server is asked again
        assert len(scans) == 3
        assert sid.page.evaluate("window.sounds").count("COME IN") == 4, "two rising notes, once each"
        held = house.rows("SELECT client_id FROM admission ORDER BY id DESC LIMIT 2")
        assert held == [{"client_id": scan} for scan in reversed(scans[1:])]


def bare(phone: Phone, guest: Guest) -> str:
    """The whole screen, without what tells one guest from another."""
    html = phone.page.locator("main#door").inner_html()
    assert guest.name not in html
    return re.sub(r"\d+ to send|\d\d:\d\d", "", html.replace(guest.reference, "REFERENCE"))


@pytest.mark.promise
def test_dr06_dr10_four_refusals_are_one_screen_without_a_name_and_an_invented_code_is_told_apart_by_the_network(
    opened: Opened, lena: Organiser, house: House
) -> None:
    invented = ticket_code.encode(b"never issued 16b")
    with opened() as sid:
        sid.pairs(lena.gives_a_code())
        sid.starts()
        sid.page.evaluate("document.getElementById('video').remove()")  # its picture moves
        for network in ("there", "cut"):
            screens = list[str]()
            for guest in house.refused():
                sid.scans(guest.code)
                sid.sees("ASK THE LEAD", *([guest.reference] if network == "there" else ["OFFLINE"]))
                sid.bar(
                    *(["Online", "0 to send"] if network == "there" else ["Offline", f"{len(screens) + 1} to send"])
                )
                screens.append(bare(sid, guest))
                sid.page.locator("#verdict").click()
            assert screens == screens[:1] * len(screens), network
            sid.scans(invented)
            sid.sees(
                *(
                    ["NOT A TICKET", "Call the lead"]
                    if network == "there"
                    else ["ASK THE LEAD", "Not on the guest list"]
                )
            )
            sid.page.locator("#verdict, #choosing button").last.click()
            sid.waits(AGAIN)
            sid.loses_the_network()
    assert house.rows("SELECT count(*) AS people FROM admission a JOIN ticket t ON t.id = a.ticket_id"
                      " WHERE t.revoked_at IS NOT NULL") == [{"people": 0}]  # fmt: skip
