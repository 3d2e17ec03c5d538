"""Somebody in the processor register: a photographer, unless it is said otherwise."""

from events import processor_register
from events.accounts.staff import Staff
from events.event import Event
from events.processor import Processor, Service
from events.processor_register import Facts
from tests.people import MONDAY


async def a_processor(
    event: Event, by: Staff, name: str = "Pia Pictures", service: Service = Service.PHOTOGRAPHY
) -> Processor:
    return await processor_register.add(event, Facts(service, name, *["x"] * 5), by=by, at=MONDAY)
