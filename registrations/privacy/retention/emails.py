"""Which rows of emails may go: those whose cause cannot come again, since it would be sent a second time.

An email of an event has its cause before or soon after the event's day; one of none is told of by its row for a while.
That an acknowledgement was sent has to be shown for as long as there is what it acknowledges.
"""

from registrations.privacy.cases import complaints
from registrations.privacy.rights import copies, rights_requests

OF_CASES = {"complaint": (complaints.RECEIVED,), "rights_request": (rights_requests.RECEIVED, copies.COPY)}


def _with(table: str, templates: tuple[str, ...]) -> str:
    named = ", ".join(f"'{template}'" for template in templates)
    return f"(template IN ({named}) AND EXISTS (SELECT 1 FROM {table} c WHERE c.id = message.subject_id))"  # noqa: S608


DONE_WITH = " AND NOT ".join(["state <> 'queued'", *(_with(*case) for case in OF_CASES.items())])
