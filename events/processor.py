"""A processor: whoever besides the hosts receives personal data of an event, with what it gets, where and until when.

Desk, privacy notice, `doctor` and the opening of registration read the same rows, so that none says what another does
not. Rules: DP-12.
"""

from collections.abc import Collection
from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from events.ground.personal import Personal, personal

from .event import Event


class Service(StrEnum):
    """What it does for the hosts, in the order in which the register lists it."""

    HOSTING = "hosting"
    EMAIL = "email"
    VENUE = "venue"
    CATERING = "catering"
    PHOTOGRAPHY = "photography"
    OTHER = "other"


SERVICES = {
    Service.HOSTING: "Hosting",
    Service.EMAIL: "Email relay",
    Service.VENUE: "Venue",
    Service.CATERING: "Catering",
    Service.PHOTOGRAPHY: "Photography",
    Service.OTHER: "Something else",
}
NEEDED = {
    Service.HOSTING: "who runs the server (hosting)",
    Service.EMAIL: "who sends our emails (email relay)",
}  # no event can do without them
THE_VENUE = "The venue"  # in place of its name: that is kept sealed with the event, and anybody can read the notice
PARTS = {
    "does": "what it does",
    "receives": "what personal data it receives",
    "region": "in which country or region it keeps the data",
    "kept": "until when it keeps the data",
    "contract": "the reference of the contract",
}  # what is known of each, in words for whoever is to find it out
OF_EMAIL = {"smtp_host": "the host that emails go through", "log_kept": "until when it keeps its log of emails"}
OTHER_HOST = "{name}: it is entered with the host {entered}, but emails go through {ours}"
NO_HOST = "no host (MUSTER_SMTP_HOST is not set)"
NAME = Personal(
    "who else receives personal data; it may be one person",
    "legal obligation (Articles 13 and 30 of the UK GDPR)",
    "as long as the event",
)


class Processor(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event")
    event_id: int
    service = fields.CharEnumField(Service, description="from the closed list", max_length=12)
    name = personal(fields.CharField(max_length=100), NAME)  # of a venue always THE_VENUE
    does = fields.CharField(max_length=300, default="")  # this and the next are empty until they are known
    receives = fields.CharField(max_length=300, default="")
    region = fields.CharField(max_length=100, default="")
    kept = fields.CharField(max_length=300, default="")
    contract = fields.CharField(max_length=100, default="")  # never public
    smtp_host = fields.CharField(max_length=253, default="")  # of an email relay
    log_kept = fields.CharField(max_length=300, default="")  # of an email relay
    version = fields.IntField(default=0)  # grows with each change, so that none replaces another unseen

    class Meta:
        app, table = "events", "processor"

    @property
    def service_words(self) -> str:
        return SERVICES[self.service]

    @property
    def lacks(self) -> list[str]:
        """What of it is not known yet, in words for organisers."""
        return [words for part, words in parts_of(self.service).items() if not getattr(self, part)]


def parts_of(service: Service) -> dict[str, str]:
    """The columns that are filled for this service, each in words."""
    return PARTS | (OF_EMAIL if service is Service.EMAIL else {})


async def processors_of(event_id: int) -> list[Processor]:
    """In the order of the register."""
    order = list(Service)
    rows = await Processor.filter(event_id=event_id).order_by("name", "id")
    return sorted(rows, key=lambda processor: order.index(processor.service))


def missing_in(processors: Collection[Processor], smtp_host: str) -> list[str]:
    """What the register has to say before registration opens. `smtp_host`: of the relay that is set up."""
    there = {processor.service for processor in processors}
    missing = [who for service, who in NEEDED.items() if service not in there]
    missing += [f"{processor.name}: {lack}" for processor in processors for lack in processor.lacks]
    others = [relay for relay in processors if relay.smtp_host and not is_same_host(relay.smtp_host, smtp_host)]
    return missing + [
        OTHER_HOST.format(name=relay.name, entered=relay.smtp_host, ours=smtp_host or NO_HOST) for relay in others
    ]


def is_same_host(one_host: str, other: str) -> bool:
    return one_host.rstrip(".").casefold() == other.rstrip(".").casefold()
