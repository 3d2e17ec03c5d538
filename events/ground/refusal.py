"""What a person did that we turn down, in the words they will read."""


class Refused(Exception):
    """A rule said no. The sentence is shown as it stands; whatever was begun is rolled back.

    `retry_after`: seconds after which the same may be tried again; 0 where no time is known.
    """

    def __init__(self, sentence: str, status: int = 409, retry_after: int = 0) -> None:
        super().__init__(sentence)
        self.sentence, self.status, self.retry_after = sentence, status, retry_after
