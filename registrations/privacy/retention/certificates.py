"""What is kept of certificates, and when it goes: counted before the names, with which the rest of them would go.

Their numbers stay, since somebody may check one years later.
"""

from registrations.certificates import certificate
from registrations.people.person import NAMED

from . import rows
from .kept import Kept, Rows


def classes() -> tuple[Kept, ...]:
    return (
        Kept(
            "certificates", "Certificates", "a guest's certificate: its number, sealed, and when it was taken",
            str(NAMED), "a keyed hash of its number, which says that it is valid and not whose it is",
            Rows("certificate", days=NAMED.time), rows.delete_and_record, f"{certificate.NOTICE}: {NAMED}",
        ),
    )  # fmt: skip
