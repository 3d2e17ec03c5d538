"""Who deletes: nobody but time."""


class Machine:
    """The actor of deletions that happen by themselves, at their time."""

    actor = "system"
