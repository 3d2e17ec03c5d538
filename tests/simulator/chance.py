"""What the product draws by chance, from the seed of a day: versions of lists, references, PINs, salts and codes."""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from unittest import mock

from registrations.codes import ticket_code

Draws = Callable[[int], bytes]


@contextmanager
def drawn_from(seed: int) -> Iterator[None]:
    """Each source of chance has its own numbers: how often one is asked changes nothing for the others."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(random, "_urandom", _drawing(seed, "secrets")))  # all of `secrets`
        stack.enter_context(mock.patch.object(os, "urandom", _drawing(seed, "urandom")))
        references = (_drawing(seed, "references"),)  # its own default was bound when it was imported
        stack.enter_context(mock.patch.object(ticket_code.new_reference, "__defaults__", references))
        yield


def _drawing(seed: int, name: str) -> Draws:
    return random.Random(f"{name} {seed}").randbytes  # noqa: S311
