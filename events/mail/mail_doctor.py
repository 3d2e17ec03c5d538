"""What `doctor` says of the emails' way back, and of their domain."""

from events.ground.settings import Settings
from events.readiness import Line

from .bounces import bounce_turn
from .domain import domain_check
from .domain.lookups import Lookups

UNHEARD = (
    "set MUSTER_BOUNCES: until then what cannot be delivered comes back to the sender's mailbox, and nobody at the "
    "desk hears of it"
)
HANDED_OVER = "come back to {mailbox}+<mark>@{domain}, for an email server that hands them to ./run bounce"


async def bounces_line(chosen: Settings) -> Line:
    if not chosen.bounces:
        return Line("bounces", False, UNHEARD)
    if not chosen.bounces_host:
        mailbox, _, domain = chosen.bounces.rpartition("@")
        return Line("bounces", None, HANDED_OVER.format(mailbox=mailbox, domain=domain))
    trouble = await bounce_turn.probe(chosen)
    return Line("bounces", not trouble, trouble or f"{chosen.bounces_host} answers, and its folder can be read")


async def dns_lines(chosen: Settings, lookups: Lookups | None = None) -> list[Line]:
    """What is missing in DNS, and the line to add. Not being answered is no fault of ours."""
    if not chosen.sender:
        return [Line("DNS", None, "cannot be asked about the sender's domain before MUSTER_SENDER is set")]
    found = await domain_check.findings(chosen, lookups or Lookups())
    return [Line(part, finding.fine, finding.words) for part, finding in found.items()]
