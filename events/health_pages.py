"""Whether the process lives, and whether it can do its work, naming what is missing."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from events.web.routing import ANYONE, page

from . import readiness
from .audit import audit_seal
from .mail import mailer


async def healthz(request: Request) -> Response:
    return JSONResponse({"process": "up"})


async def readyz(request: Request) -> Response:
    """A relay that takes no mail and a damaged record are told, but pages can be served all the same."""
    missing = await readiness.missing_now(request.app.state.database)
    said = {"ready": not missing, "missing": missing, "mail": mailer.trouble(), "record": audit_seal.trouble()}
    return JSONResponse(said, 503 if missing else 200)


routes = [page("/healthz", healthz, who=ANYONE), page("/readyz", readyz, who=ANYONE)]
