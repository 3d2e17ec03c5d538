"""The badge type: what somebody is at the event, in one word that stands on the badge and that a door shows."""

from enum import StrEnum


class BadgeType(StrEnum):
    DELEGATE = "delegate"  # unless organisers set another
    SPEAKER = "speaker"
    HOST = "host"
    HELPER = "helper"

    @property
    def words(self) -> str:
        return self.value.capitalize()
