"""Whether our email to somebody whom a guest names says who the guest is: only where they choose that."""

from events.web.forms import Several

NAME = "name"


def says_who() -> Several:
    """Not ticked beforehand: an address is easily mistyped."""
    return Several(
        "Your name in our email (optional)",
        [(NAME, "Say my name, so that they know who asked you to write")],
        hint="If you mistype the address, somebody else reads your name, and that you have a place. We say it as an "
        "organiser approved it. If you have changed it since, our email leaves it out",
    )
