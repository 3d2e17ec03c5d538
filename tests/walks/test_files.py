"""An organiser takes a file away and brings a list along, on a narrow screen and without a script.

Rules: SE-13, DP-16, GU-15.
"""

from pathlib import Path

from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.walks.both_widths import seen
from tests.walks.mailreader import Mailreader
from tests.walks.people import NARROW, another, follows
from tests.walks.rehearsal import Rehearsed

HEADINGS = "Name,E-mail,Company,Sector,Job title"


def a_list(*lines: str) -> FilePayload:
    return {"name": "list.csv", "mimeType": "text/csv", "buffer": "\n".join([HEADINGS, *lines]).encode()}


def presses(organiser: Page, name: str) -> None:
    follows(organiser, organiser.get_by_role("button", name=name))


def asks_for_a_file(organiser: Page, rehearsal: Rehearsed) -> None:
    rehearsal.proves_both()
    organiser.goto(f"{rehearsal.base}/desk/launch/exports")
    follows(organiser, organiser.get_by_role("link", name="Contacts as a file", exact=True))
    presses(organiser, "Make the file")
    expect(organiser.locator("main")).to_contain_text("Enter what the file is for")
    seen(organiser, "export-error")
    organiser.get_by_label("What is it for?").fill("Telephone whoever is late")
    organiser.get_by_label("CSV, for other programs").check()
    presses(organiser, "Make the file")
    expect(organiser.locator("main")).to_contain_text("The file is ready")
    seen(organiser, "export-ready")


def test_a_file_is_taken_away_once(browser: Browser, desk: Page, rehearsal: Rehearsed) -> None:
    organiser = another(browser, desk, NARROW, script=False)
    asks_for_a_file(organiser, rehearsal)
    with organiser.expect_download() as download:
        organiser.get_by_role("button", name="Fetch the file").click()
    assert download.value.suggested_filename.startswith("contacts-")
    content = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert "for: Telephone whoever is late." in content.splitlines()[0]
    organiser.reload()
    expect(organiser.locator("main")).to_contain_text("The file was fetched, and is not here any more")
    organiser.goto(f"{rehearsal.base}/desk/launch/exports")
    expect(organiser.locator("table")).to_contain_text("Telephone whoever is late")
    seen(organiser, "exports")


def uploads(organiser: Page, *lines: str) -> None:
    organiser.get_by_label("XLSX, ODS or CSV file").set_input_files(a_list(*lines))
    presses(organiser, "Upload")
    presses(organiser, "See what would happen")


def test_a_list_is_brought_along(browser: Browser, desk: Page, rehearsal: Rehearsed) -> None:
    rehearsal.proves_both()
    mail, organiser = Mailreader(rehearsal), another(browser, desk, NARROW, script=False)
    organiser.goto(f"{rehearsal.base}/desk/launch/people/import")
    seen(organiser, "import")
    organiser.get_by_label("XLSX, ODS or CSV file").set_input_files(a_list("Lou Listed,lou@,Lists,charity,Clerk"))
    presses(organiser, "Upload")
    seen(organiser, "import-columns")
    presses(organiser, "See what would happen")
    expect(organiser.locator("main")).to_contain_text("The email address cannot be right")
    follows(organiser, organiser.get_by_role("link", name="upload another list"))
    uploads(organiser, "Lou Listed,lou@lists.example.org,Lists,Allies,Clerk", "Lou Nowhere,nowhere,Lists,NHS trust,")
    expect(organiser.get_by_label("NHS trust (1 person)")).to_have_value("health")
    presses(organiser, "Continue")
    expect(organiser.locator("main")).to_contain_text("Choose a kind for “Allies”")
    seen(organiser, "import-kinds")
    organiser.get_by_label("Allies (1 person)").select_option("Charity")
    presses(organiser, "Continue")
    seen(organiser, "import-preview")
    with organiser.expect_download() as download:
        organiser.get_by_role("link", name="Download these rows").click()
    assert "nowhere" in Path(download.value.path()).read_text(encoding="utf-8-sig")
    organiser.get_by_label("Yes, send each of them an email").check()
    presses(organiser, "Continue")
    expect(organiser.locator("main")).to_contain_text("1 person was invited")
    seen(organiser, "import-done")
    mail.opens_newest("lou@lists.example.org", "Do you want a place")
    organiser.goto(f"{rehearsal.base}/desk/launch/people/import")
    uploads(organiser, "Lou Listed,lou@lists.example.org,Lists,charity,Head of advice")
    follows(organiser, organiser.get_by_role("link", name="Compare with what the list says"))
    expect(organiser.locator("main")).to_contain_text("Role: Head of advice")
    seen(organiser, "import-known")
