"""Whether the process lives, and whether it can do its work, naming what is missing."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from . import keys
from .database import Database, connection
from .event import Event
from .pages import ANYONE, TEMPLATES, page

ASSETS = (
    "govuk-frontend.min.css",
    "govuk-frontend.min.js",
    "zxing/share.js",
    "zxing/reader/index.js",
    "zxing/reader/zxing_reader.wasm",
)


async def healthz(request: Request) -> Response:
    return JSONResponse({"process": "up"})


async def readyz(request: Request) -> Response:
    missing = await missing_now(request.app.state.database)
    return JSONResponse({"ready": not missing, "missing": missing}, 503 if missing else 200)


async def missing_now(database: Database) -> list[str]:
    """What stands in the way, by the names of the parts: database, migrations, assets, key."""
    missing = [f"assets: {one}" for one in missing_assets()]
    try:
        await connection().execute_query("SELECT 1")
        missing += [f"migrations: {key.name} is not applied" for key in await database.pending()]
        missing += await unknown_keys()
    except Exception as error:  # whatever the driver raises, the database is what is missing
        missing.append(f"database: {type(error).__name__}")
    return missing


def missing_assets() -> list[str]:
    return [f"{name} (run ./run once)" for name in ASSETS if not (TEMPLATES / "static/vendor" / name).is_file()]


async def unknown_keys() -> list[str]:
    """Events whose tickets come from a key that this process was not given."""
    known = keys.ring().fingerprints
    strange = await Event.exclude(key_fingerprint__in=known).values_list("slug", flat=True)
    return [f"key: the tickets of {slug} come from a key that is not here" for slug in strange]


routes = [page("/healthz", healthz, who=ANYONE), page("/readyz", readyz, who=ANYONE)]
