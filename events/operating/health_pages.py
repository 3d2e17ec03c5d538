"""Whether the process lives, and whether it can do its work, naming what is missing."""

import asyncio

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from events import readiness
from events.audit import audit_seal
from events.backup import backing_up
from events.ground import clock, settings
from events.mail import mailer
from events.mail.bounces import bounce_turn
from events.mail.domain import domain_check
from events.web.routing import ANYONE, is_from_here, page

log = structlog.get_logger()


async def healthz(request: Request) -> Response:
    return JSONResponse({"process": "up"})


async def readyz(request: Request) -> Response:
    """Says what is wrong only to this machine and to the log. Everybody else hears whether we can work.

    It names a relay that takes no email, a mailbox of bounces that cannot be read and a damaged audit log too, but
    pages can still be served. Of backups it only says how old the newest is, and of DNS what is still to be done there.
    """
    missing = await readiness.missing_now(request.app.state.database)
    wrong = {
        "missing": missing,
        "mail": mailer.trouble(),
        "bounces": bounce_turn.trouble(),
        "record": audit_seal.trouble(),
    }
    if any(wrong.values()):
        log.warning("not all is well", **wrong)
    if not is_from_here(request):
        return JSONResponse({"ready": not missing}, 503 if missing else 200)
    _, backups = await asyncio.to_thread(backing_up.standing, settings.current(), clock.real())
    domain = domain_check.standing()
    shown = wrong | {"backups": backups, "dns": "not asked yet" if domain is None else domain}
    return JSONResponse({"ready": not missing} | shown, 503 if missing else 200)


routes = [page("/healthz", healthz, who=ANYONE), page("/readyz", readyz, who=ANYONE)]
