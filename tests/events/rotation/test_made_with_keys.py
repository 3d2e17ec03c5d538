"""Whatever is made with a key is declared as that, so that a new key forgets nothing and an old one is never missed.

Rules: SE-16.
"""

import base64
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from tortoise import fields

from events.accounts import recovery
from events.audit import audit, audit_seal, boundary
from events.ground import clock, data_keys, keys, limits, source
from events.ground.database import Database, query, run_tx
from events.ground.keyring.made import Sealed, made_in
from registrations.asking import registering
from registrations.badges.papers import PaperName
from registrations.badges.printing import Wanted, Which, print_badges
from registrations.checkin.checkin import settle
from registrations.paper import printing
from registrations.paper.sheet import SheetKind
from registrations.people import objection
from registrations.phones import pairing
from registrations.phones.door import PassRole
from tests.at_the_door import a_phone_at, a_scan
from tests.callers_world import World, a_world
from tests.hostile.sealed_rows import two_of_each
from tests.people import MONDAY, THE_DAY, someone
from tests.professional import told_by
from tests.registrations.feedback.guests import a_link
from tests.tables import models

DECLARED = {f"{model._meta.db_table}.{name}": how for model in models() for name, how in made_in(model).items()}
ADA = someone()


IN_CLEAR = {"event.salt", "host_logo.picture"}


def test_every_sealed_column_is_declared_and_every_declared_one_is_there() -> None:
    columns = {
        f"{model._meta.db_table}.{name}": column
        for model in models()
        for name, column in model._meta.fields_map.items()
    }
    sealed = {name for name, column in columns.items() if name.endswith("_sealed")}
    sealed |= {name for name, column in columns.items() if isinstance(column, fields.BinaryField)} - IN_CLEAR
    declared = {name for name, how in DECLARED.items() if isinstance(how, Sealed)}
    assert sealed == declared, "say in MADE of the model how it is sealed"
    assert set(DECLARED) <= set(columns), "take out what is no column"


class Seen:
    """What the functions that make something with a key have returned."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made = set[str | bytes]()
        for room, name in [(keys, "seal"), (keys, "_hashed"), (data_keys, "_sealed"), (data_keys, "tag")]:
            monkeypatch.setattr(room, name, self.noting(getattr(room, name)))
        monkeypatch.setattr(recovery, "_hash", self.noting(recovery._hash))
        for room, name in [(audit_seal, "macs"), (audit_seal, "_proofs"), (boundary, "_proofs")]:
            monkeypatch.setattr(room, name, self.noting(getattr(room, name)))
        monkeypatch.setattr(audit.AuditEntry, "mark_under", self.noting(audit.AuditEntry.mark_under))

    def noting(self, make: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*args: Any, **kwargs: Any) -> Any:
            made = make(*args, **kwargs)
            self.made.update(made if isinstance(made, list) else [] if inspect.isawaitable(made) else [made])
            return self._later(made) if inspect.isawaitable(made) else made

        return noted

    @property
    def texts(self) -> list[str]:
        return [made if isinstance(made, str) else base64.b64encode(made).decode() for made in self.made]

    async def _later(self, making: Any) -> Any:
        made = await making
        self.made.add(made)
        return made


def is_made(value: object, seen: Seen) -> bool:
    """Itself, or somewhere in a longer text."""
    if isinstance(value, bytes | memoryview):
        return bytes(value) in seen.made
    return isinstance(value, str) and any(text in value for text in seen.texts)


async def ask_often(world: World) -> None:
    """The last of their emails has to wait."""
    for _ in range(limits.CONFIRM_EMAILS.tries + 1):
        await registering.ask(world.event, told_by(ADA), MONDAY, clock.real(), network="192.0.2.1")


async def test_whatever_a_key_has_made_and_a_row_keeps_is_declared(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the values themselves: of all that functions of keys return, whatever stands in the database afterwards."""
    seen = Seen(monkeypatch)
    source.note("192.0.2.1")
    clock.move_to(THE_DAY)
    world = await a_world(database)
    await two_of_each(world)
    lead = world.staff["lead"]
    await recovery.make(lead, MONDAY)
    await pairing.make_pass(world.door, "Lee", PassRole.DOOR_LEAD, lead, THE_DAY, clock.real())
    await settle([a_scan(b"nobody's ticket!")], await a_phone_at(world.door), THE_DAY)
    await printing.make(world.event, SheetKind.RELEASE, lead, THE_DAY, clock.real())
    await print_badges(world.event, Wanted(Which.ALL), PaperName.CARD, lead, THE_DAY)
    await ask_often(world)
    await run_tx(objection.note)(world.event.id, "nia@lanterns.example.org", THE_DAY)
    await a_link(world.event)
    await audit_seal.seal_all()
    found = set()
    for table in {model._meta.db_table for model in models()}:
        for row in await query(f"SELECT * FROM {table}"):  # noqa: S608
            found |= {f"{table}.{name}" for name, value in row.items() if is_made(value, seen)}
    assert found - set(DECLARED) == set(), "say in MADE of the model how it is made"
    unseen = {name for name in DECLARED if name not in found}
    seldom = {"audit_boundary.mac", "audit_boundary.proof", "key_use.proof"}  # nothing was deleted, no key replaced
    assert unseen == seldom, "the control"
