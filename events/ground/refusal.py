"""What a person did that we turn down, in the words they will read."""


class Refused(Exception):
    """A rule said no. The sentence is shown as it stands; whatever was begun is rolled back."""

    def __init__(self, sentence: str, status: int = 409) -> None:
        super().__init__(sentence)
        self.sentence, self.status = sentence, status
