"""The house as its files say it is: rooms, their folders and storeys, and what each imports. For the house rules."""

import ast
from functools import cached_property
from pathlib import Path

ORDER = {  # a folder imports what stands left of it; "." is the rooms beside the folders, pages of which see them all
    "events": "ground web audit . mail accounts backup rotation programme content operating",
    "registrations": (
        "codes people tickets asking deciding workshops bulk booking phones checkin badges paper roll_call"
        " certificates feedback telling reporting exports importing door privacy desk rehearsal ."
    ),
}
GROUND, NOUN, VERB, PAGES, SERVER = range(5)
PAGES_ARE_NAMED = ("pages", "forms", "commands", "doctor")
LOWEST = {"ground", "web", "codes"}  # on the lowest storey: they know no noun


class House:
    """Every module below the two packages of a checkout, in whatever sub-folder, and `server` on top."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._texts: dict[str, str] = {}
        self._imports: dict[str, set[str]] = {}

    @cached_property
    def rooms(self) -> dict[str, Path]:
        """Dotted name to file. A folder's `__init__` and its migrations are no rooms."""
        found = {"server": self.root / "server.py"}
        for package in ORDER:
            for path in sorted((self.root / package).rglob("*.py")):
                if path.stem != "__init__" and "migrations" not in path.parts:
                    found[".".join(path.relative_to(self.root).with_suffix("").parts)] = path
        return found

    def text(self, room: str) -> str:
        if room not in self._texts:
            self._texts[room] = self.rooms[room].read_text(encoding="utf-8")
        return self._texts[room]

    @cached_property
    def sources(self) -> list[tuple[str, str]]:
        """Path below the root, and text, of every room."""
        return [(self.rooms[room].relative_to(self.root).as_posix(), self.text(room)) for room in self.rooms]

    def folder(self, room: str) -> str:
        """'checkin' of registrations.checkin.scan; '.' of a room that stands beside the folders."""
        return room.split(".")[1] if room.count(".") > 1 else "."

    def storey(self, room: str) -> int:
        """Known by folder and name. A noun defines a table, or a value that one keeps sealed, or only lists."""
        if room == "server":
            return SERVER
        if room.endswith(PAGES_ARE_NAMED) and self.folder(room) not in LOWEST:
            return PAGES
        if self.folder(room) in LOWEST:
            return GROUND
        text = self.text(room)
        return NOUN if "(Model)" in text or "(Case)" in text or "= answer(" in text or "def " not in text else VERB

    def imports_of(self, room: str) -> set[str]:
        """The rooms that this one imports, wherever in its file, relative or not."""
        if room not in self._imports:
            self._imports[room] = self._read_imports(room)
        return self._imports[room]

    def _read_imports(self, room: str) -> set[str]:
        package = room.rpartition(".")[0]
        found: set[str] = set()
        for node in ast.walk(ast.parse(self.text(room))):
            if isinstance(node, ast.Import):
                found |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                parents = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
                base = ".".join([*parents, *([node.module] if node.module else [])])
                found |= {base} | {f"{base}.{name.name}" for name in node.names}
        return found & set(self.rooms)

    def climbs(self, room: str) -> list[str]:
        """What it imports and may not: a higher storey, a later folder, or the other package from below."""
        return sorted(other for other in self.imports_of(room) if self._climbs(room, other))

    def _climbs(self, room: str, other: str) -> bool:
        mine, theirs = room.split(".")[0], other.split(".")[0]
        if self.storey(other) > self.storey(room) or (mine, theirs) == ("events", "registrations"):
            return True
        return mine == theirs and self._place(other) > self._place(room)

    def _place(self, room: str) -> int:
        """Of its folder in the order. Pages beside the folders come after all of them."""
        order = [*ORDER[room.split(".")[0]].split(), "on top"] if "." in room else ["."]
        beside = self.folder(room) == "." and self.storey(room) == PAGES
        return order.index("on top" if beside else self.folder(room))

    def rings(self) -> list[str]:
        """Rooms that import each other in a circle, or stand on one."""
        below = {room: self.imports_of(room) for room in self.rooms}
        while free := {room for room, imported in below.items() if not imported & set(below)}:
            below = {room: imported for room, imported in below.items() if room not in free}
        return sorted(below)
