"""What runs beside the pages: without one of these names would stay, the log be unsealed, or nobody reminded."""

import server
from events.accounts import password_requests
from events.audit import audit_seal
from events.backup import backing_up
from events.ground import live, presence
from events.ground.database import Database
from events.mail import mailer
from events.mail.bounces import bounce_turn
from events.mail.domain import domain_check
from registrations.bulk import working
from registrations.certificates import issuing
from registrations.deciding import waiting_list
from registrations.exports import making
from registrations.privacy import reminders
from registrations.privacy.retention import deleting
from registrations.privacy.rights import noting
from registrations.telling import timed_emails


def test_a_live_server_takes_every_turn() -> None:
    turns = [getattr(turn, "func", turn) for turn in server.turns(Database("sqlite://:memory:", server.MODELS))]
    assert turns == [
        live.listen, presence.hold, mailer.run, bounce_turn.run, domain_check.run, audit_seal.run,
        password_requests.run, deleting.run, reminders.run, timed_emails.run, waiting_list.run, making.run,
        working.run, issuing.run, noting.run, backing_up.run,
    ]  # fmt: skip
