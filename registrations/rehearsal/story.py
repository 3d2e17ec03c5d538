"""Acts of the rehearsal's past. They are done one after the other in the order of their time, as they would have been:
so the audit log has them in that order too."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from events.accounts.staff import Staff
from events.event import Event
from registrations.people.registration import Registration, of_address, with_event

from .working_days import Calendar

Act = Callable[[datetime], Awaitable[object]]


class Story:
    """Of one event until a moment. `crew`: accounts, by what stands before the @ of their address."""

    def __init__(self, event: Event, crew: dict[str, Staff], until: datetime) -> None:
        self.event, self.crew, self.until = event, crew, until
        self.calendar = Calendar(until)
        self.over = set[str]()  # addresses of whom the ticket is no longer true when the mailer comes to it
        self._acts: list[tuple[datetime, int, Act]] = []

    def then(self, at: datetime, act: Act) -> None:
        """What would happen later than the rehearsal begins does not happen."""
        if at <= self.until:
            self._acts.append((at, len(self._acts), act))

    async def happens(self) -> None:
        for at, _, act in sorted(self._acts, key=lambda planned: planned[:2]):
            await act(at)

    async def person(self, email: str) -> Registration:
        """As their row stands when this is called, with the event."""
        found = await of_address(self.event, email)
        person = await with_event("id = ?", found.id) if found else None
        if person is None:
            raise LookupError(email)
        return person
