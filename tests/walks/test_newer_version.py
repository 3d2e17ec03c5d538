"""A newer version of the phone's page: it takes the older one's scans, and is offered where it disturbs nobody."""

from collections.abc import Iterator
from itertools import islice

from playwright.sync_api import Route, expect

from tests.walks.house import Guest, House
from tests.walks.people import Organiser
from tests.walks.phone import BEAT, IN_OFFLINE, Opened, Phone, has_a_service_worker

UPDATE = """async () => {
  const kept = await navigator.serviceWorker.getRegistration("/door/");
  const coming = new Promise((done) => kept.addEventListener("updatefound", () => done(kept.installing)));
  await kept.update();
  const newer = await coming;
  await new Promise((done) => newer.addEventListener("statechange", () => newer.state === "activated" && done()));
  return true;
}"""  # done once the page has been told too, which listens for the same
AS_THE_VERSION_BEFORE_WROTE_IT = """() => new Promise((done, fail) => {
  const opening = indexedDB.open("muster-door");
  opening.onsuccess = () => {
    const writing = opening.result.transaction("pending", "readwrite");
    const asking = writing.objectStore("pending").openCursor();
    asking.onsuccess = () => {
      if (!asking.result) return;
      const { initials, code, ...row } = asking.result.value;
      asking.result.update(row);
      asking.result.continue();
    };
    writing.oncomplete = () => done(opening.result.close());
    writing.onerror = () => fail(writing.error);
  };
})"""


def lets_in(phone: Phone, guest: Guest, word: str = "COME IN") -> None:
    phone.scans(guest.code)
    phone.sees(word, guest.name)
    phone.is_ready_again()


def hears_of_a_newer_version(phone: Phone, house: House) -> None:
    """But sends nothing yet."""
    phone.page.context.route("**/door/api/**", lambda route: route.abort())
    house.starts("newer")
    assert phone.page.evaluate(UPDATE)
    assert len(phone.page.evaluate("caches.keys()")) == 2, "the newer version beside the older"


def offers(phone: Phone, newer: bool) -> None:
    """The newer version, in the bar and behind *More*, as of the next look that the phone takes at itself."""
    warning, offer = phone.page.locator("#bar-warning"), "New version"
    phone.waits(BEAT)
    if newer:
        phone.in_time(lambda: offer in warning.inner_text(), "the offer")
    expect(warning).to_contain_text(offer) if newer else expect(warning).not_to_contain_text(offer)
    shows_itself(phone, newer)


def shows_itself(phone: Phone, newer: bool) -> None:
    phone.taps("More")
    phone.taps("This phone")
    expect(phone.page.locator("#update")).to_be_visible(visible=newer)
    phone.page.locator("#device .close").click()


def has_a_fault(route: Route) -> None:
    """Of the server's own, with each scan: the phone is online, and tries again."""
    answer = route.fetch()
    body = answer.json()
    faulty = [{"id": answer["id"], "verdict": "error", "fault": "7F3A"} for answer in body["answers"]]
    route.fulfill(response=answer, json=body | {"answers": faulty})


def offers_none_without_a_network(sid: Phone) -> None:
    sid.loses_the_network()
    sid.bar_in_time("Offline", "0 to send")
    offers(sid, newer=False)
    sid.finds_the_network()
    sid.bar_in_time("Online")
    offers(sid, newer=True)


def offers_none_with_a_scan_to_send(sid: Phone, guest: Guest) -> None:
    faulty = {"server"}
    sid.page.context.route("**/door/api/scans", lambda route: has_a_fault(route) if faulty else route.continue_())
    sid.scans(guest.code)
    sid.sees("CANNOT TELL", "Fault 7F3A")
    sid.taps("Next")
    sid.bar("Online", "1 to send")
    offers(sid, newer=False)
    faulty.clear()  # to take the route away would answer a scan that is just on its way twice
    sid.in_time(lambda: not sid.kept("pending"), "an empty queue")
    sid.taps("I have seen this")
    offers(sid, newer=True)


def offers_none_during_a_verdict(sid: Phone, guest: Guest) -> None:
    """Of somebody who is in already: *Call the lead* stands in the place of *More*."""
    sid.scans(guest.code)
    sid.sees("SCANNED TWICE")
    sid.bar("0 to send")
    sid.waits(BEAT)
    expect(sid.page.locator("#bar-warning")).not_to_contain_text("New version")
    expect(sid.page.locator("#more")).to_be_hidden()
    sid.taps("Next")
    offers(sid, newer=True)


def test_dr45_a_newer_version_takes_the_old_ones_scans_and_is_offered_between_guests_alone(
    opened: Opened, lena: Organiser, house: House, invited: Iterator[Guest]
) -> None:
    """With scans to send and no network, with either alone, and during a verdict it is not."""
    first, second, third, fourth, before = *islice(invited, 4), house.people_in()
    with opened() as sid:
        sid.pairs(lena.gives_a_code())
        has_a_service_worker(sid.page)
        sid.starts()
        version = sid.page.locator("meta[name=app]").get_attribute("content")
        house.stops()
        for guest in (first, second):
            lets_in(sid, guest, IN_OFFLINE)
        sid.page.evaluate(AS_THE_VERSION_BEFORE_WROTE_IT)
        hears_of_a_newer_version(sid, house)
        sid.bar("Offline", "2 to send")
        offers(sid, newer=False)
        sid.page.context.unroute("**/door/api/**")
        sid.in_time(lambda: not sid.kept("pending"), "an empty queue")
        sid.bar_in_time("Online", "0 to send")
        assert house.people_in() == before + 2
        offers(sid, newer=True)
        offers_none_without_a_network(sid)
        offers_none_with_a_scan_to_send(sid, third)
        offers_none_during_a_verdict(sid, first)
        sid.taps("More")
        sid.taps("This phone")
        sid.taps("New version")
        expect(sid.page.locator("#start")).to_be_visible()
        assert sid.page.locator("meta[name=app]").get_attribute("content") != version
        sid.starts()
        offers(sid, newer=False)
        sid.scans(fourth.code)
        sid.sees("COME IN", fourth.name)
        sid.bar("0 to send")
    assert house.people_in() == before + 4
