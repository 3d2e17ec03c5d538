"""Whether a number is one of a certificate: yes or no, and nothing of whose. Rules: EV-09."""

from datetime import datetime, timedelta

from events.ground import limits
from events.ground.database import find_rows, places, query
from events.ground.limits import Limit, Tried
from events.ground.refusal import TooMany
from registrations.codes.certificate_number import normal_number

from .certificate import CertificateTerms, hash_of

CHECKS = Limit(
    "checks of certificates from one network", 60, timedelta(minutes=10), by_network=True, tried=Tried.CERTIFICATE
)
ALL = "SELECT * FROM certificate_terms ORDER BY id"
VALID = "SELECT 1 AS one FROM certificate_number WHERE number_hash IN ({hashes}) LIMIT 1"


async def is_valid(typed: str, network: str, real: datetime) -> bool:
    """As somebody typed it. What can be no number is looked for as well, so that every answer takes as long. Raises
    Refused for a network that has tried too many."""
    if not await limits.count(CHECKS, network, real):
        raise TooMany
    number = normal_number(typed)
    known = [key for terms in await find_rows(CertificateTerms, ALL, []) if (key := terms.check_key)]
    hashes = [hash_of(key, number or "") for key in known]
    found = await query(VALID.format(hashes=places(len(hashes)) or "NULL"), hashes)
    return bool(found) and number is not None
