"""Figures that the documents tell are those of the code."""

from events.accounts import reading
from events.backup import backup_folder
from events.ground.settings import Settings
from events.mail import mailer
from events.mail.bounces import bounce_turn
from events.web import connections
from registrations.feedback import box
from registrations.people import colleague
from registrations.people.person import NAMED, UNCONFIRMED
from server import ROOT

WORDS = {2: "two", 4: "four", 5: "five", 30: "thirty", 1000: "a thousand"}
KEPT, LOOKED = WORDS[backup_folder.KEPT.days], WORDS[int(bounce_turn.EVERY_SECONDS / 60)]
FIGURES = {
    "README.md": [
        f"deleted, {NAMED.time.days} days after it", f"every {LOOKED} minutes by the running server",
        f"older than {KEPT} days", f"more than {reading.PEOPLE.tries} lines of names",
    ],
    "docs/operating.md": [
        f"up to {WORDS[mailer.SIDE_BY_SIDE]} connections to the relay",
        f"up to {WORDS[connections.MOST]} connections, of one network a quarter",
        f"{connections.HANDSHAKE_SECONDS:.0f} seconds to agree on TLS, {connections.HEAD_SECONDS:.0f} for the head",
        f"{connections.BODY_SECONDS:.0f} seconds for the body", f"{connections.READ_SECONDS:.0f} seconds for reading",
    ],
    "docs/dpia.md": [
        f"more than {reading.PAGES.tries} pages or {reading.PEOPLE.tries} people in an hour",
        f"after {UNCONFIRMED.time.total_seconds() / 3600:.0f} hours; at most {WORDS[colleague.MOST]} for one booking",
        f"results {WORDS[box.TOGETHER]} at a time",
    ],
    "docs/settings.md": [
        f"{Settings.model_fields['emails_an_hour'].default:,} |", f"older than {KEPT} days",
        f"{Settings.model_fields['host'].default}, {Settings.model_fields['port'].default} |",
        f"looks every {LOOKED} minutes",
    ],
}  # fmt: skip


def test_the_documents_tell_the_figures_of_the_code() -> None:
    texts = {name: " ".join((ROOT / name).read_text().split()) for name in FIGURES}
    untrue = {name: [told for told in figures if told not in texts[name]] for name, figures in FIGURES.items()}
    assert {name: told for name, told in untrue.items() if told} == {}, "change the document with the code"
    assert connections.SHARE == 4, "a quarter"
