"""What `doctor` says of the emails' way back."""

from events.ground.settings import Settings
from events.readiness import Line

from .bounces import bounce_turn

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
