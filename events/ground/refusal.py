"""What a person did that we turn down, in the words they will read."""

from . import wording


class Refused(Exception):
    """A rule said no. The sentence is shown as it stands; whatever was begun is rolled back.

    `retry_after`: seconds after which the same may be tried again; 0 where no time is known.
    """

    def __init__(self, sentence: str, status: int = 409, retry_after: int = 0) -> None:
        super().__init__(sentence)
        self.sentence, self.status, self.retry_after = sentence, status, retry_after


class TooMany(Refused):
    """More has come from one network than the limit of its ten minutes."""

    def __init__(self) -> None:
        super().__init__(wording.TOO_MANY_REQUESTS, 429, 600)
