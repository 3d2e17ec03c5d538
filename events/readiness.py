"""What stands in the way of serving: assets, database, migrations, keys."""

from pathlib import Path

from events.ground.database import Database, connection

from .event import Event
from .ground import keys

VENDOR = Path(__file__).parent.parent / "templates" / "static" / "vendor"
ASSETS = (
    "govuk-frontend.min.css",
    "govuk-frontend.min.js",
    "zxing/share.js",
    "zxing/reader/index.js",
    "zxing/reader/zxing_reader.wasm",
)


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
    return [f"{name} (run ./run once)" for name in ASSETS if not (VENDOR / name).is_file()]


async def unknown_keys() -> list[str]:
    """Events whose tickets come from a key that this process was not given."""
    known = keys.ring().fingerprints
    strange = await Event.exclude(key_fingerprint__in=known).values_list("slug", flat=True)
    return [f"key: the tickets of {slug} come from a key that is not here" for slug in strange]
