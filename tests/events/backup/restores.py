"""Restores a backup into the empty place, as the terminal does, and looks that it stays empty where it should."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from events.backup import contents, restoring
from events.backup.restoring import MayLose, Restored
from events.ground import clock
from events.ground.database import Database, query
from events.ground.refusal import Refused
from events.ground.settings import Settings
from tests.people import MONDAY

REAL = clock.real()


class Restores:
    """Into the empty place, as the terminal does."""

    def __init__(self, place: Database, identity: Path, chosen: Settings) -> None:
        self.place, self.identity, self.chosen = place, identity, chosen

    async def __call__(
        self, file: Path, *, with_faults: bool = False, late: timedelta = timedelta(0), erased: Path | None = None,
        may_lose: MayLose = bool,
    ) -> Restored:  # fmt: skip
        programs, now = self.chosen.backup_programs, (MONDAY + late, REAL + late)
        how: dict[str, Any] = {"erased": erased, "with_faults": with_faults, "may_lose": may_lose}
        return await restoring.restore(self.place, file, self.identity, *now, programs=programs, **how)

    async def why_not(self, file: Path) -> str:
        """The sentence; and looks that the place is as empty as before."""
        with pytest.raises(Refused) as refused:
            await self(file)
        await self.is_empty()
        return refused.value.sentence

    async def is_empty(self) -> None:
        if self.place.file is not None:
            assert {path.name for path in self.place.file.parent.glob("*")} <= {"muster.db-process"}
            return
        async with self.place.opened():
            assert await query(contents.TABLES[contents.POSTGRES]) == []
            assert await query("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace") == []
