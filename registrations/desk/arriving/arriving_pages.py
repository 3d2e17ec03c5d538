"""Text for partners' IT teams, to copy or print, and the button for a test email to oneself.

Rules: EM-13.
"""

from contextlib import suppress
from email.utils import parseaddr
from itertools import product
from typing import Any
from urllib.parse import urlsplit

from jinja2 import UndefinedError
from starlette.requests import Request
from starlette.responses import Response

from events.event import Event
from events.ground import clock
from events.ground.settings import current
from events.mail import emails
from events.mail.domain.lookups import domain_of
from events.web.routing import page, redirect
from registrations.booking.colleagues import colleague_emails
from registrations.desk.desk_pages import ORGANISER, VIEWER, path_of, show
from registrations.tickets.request_emails import TEMPLATES

from . import own_test_email

MARK = "<24 letters and digits>"
SAID_OF_SOME = ("reminder", "from_list")  # facts by which a subject differs


async def it_teams(request: Request) -> Response:
    return await show(request, "desk/it_teams.html", **facts_of(request.state.event), now=clock.now())


def facts_of(event: Event) -> dict[str, Any]:
    """What an email filter can tell our emails by. Of the event it says the day and the hosts, which are public."""
    chosen = current()
    shown, sender = parseaddr(chosen.sender)
    mailbox, _, domain = chosen.bounces.rpartition("@")
    return {
        "shown_name": shown,
        "sender": sender,
        "answers": parseaddr(chosen.reply_to or chosen.sender)[1],
        "return_path": f"{mailbox}+{MARK}@{domain}" if chosen.bounces else sender,
        "varies": bool(chosen.bounces),
        "domain": domain_of(sender),
        "back": domain_of(chosen.bounces or sender),
        "selector": chosen.dkim_selector,
        "site": chosen.base_url,
        "host": urlsplit(chosen.base_url).hostname,
        "picture": chosen.code_in_email,
        "subjects": sorted(_subjects(event.day_words)),
    }


def _subjects(day: str) -> set[str]:
    """Of the emails to people; without those of which the organisers write the subject themselves."""
    found = set()
    for template, said in product([*TEMPLATES, *colleague_emails.WRITERS], ["", *SAID_OF_SOME]):
        facts = {"day": day} | {fact: "yes" if fact == said else "" for fact in SAID_OF_SOME}
        with suppress(UndefinedError):
            found.add(emails.subject_of(template, facts))
    return found


async def send_test(request: Request) -> Response:
    state = request.state
    await own_test_email.send(state.staff, state.event, clock.now(), clock.real())
    return redirect(f"{path_of(request, 'emails')}?said=test#arrive")


routes = [
    page("/desk/{event}/emails/it-teams", it_teams, who=VIEWER),
    page("/desk/{event}/emails/test", send_test, who=ORGANISER, methods=["POST"]),
]
