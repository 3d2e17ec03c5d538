"""What organisers are asked of the event's public page: its title and its day."""

from typing import Any

from events.content.event_part import PartForm
from events.event import Event
from events.web.forms import Day, Text

READ_BY_ALL = "Anyone can read this: say nothing that tells where it is"


class TitleForm(PartForm):
    read_by_all = ("title",)

    title = Text("Title", missing="Enter the title", longest=200, hint=READ_BY_ALL)


class DayForm(PartForm):
    day = Day("Day", missing="Enter the day", hint="Like 15/4/2019")

    @classmethod
    def of(cls, event: Event) -> PartForm:
        return cls(data={"day": event.day.isoformat()})

    def details(self, event: Event) -> dict[str, Any]:
        return {"day": self.day.day}
