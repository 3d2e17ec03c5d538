"""Tables of the documents that follow from the code. `python -m tests.documents` writes them anew."""

from pathlib import Path

from events.accounts.staff import Holder
from events.ground.personal import declared, declared_in
from registrations.people.person import Person
from tests.tables import models

PURPOSES = Path(__file__).parents[1] / "docs" / "purposes.md"
HEAD = "| Column | Purpose | Basis (proposed) | Kept until |\n|---|---|---|---|\n"


def purposes() -> str:
    """A line for each personal column, before them what people who ask tell us, which is sealed in one of these."""
    tables = {"person": declared_in(Person), "holder": declared_in(Holder)} | {
        model._meta.db_table: declared(model) for model in models()
    }
    rows = [
        f"| `{table}.{name}` | {said.purpose} | {said.basis} | {said.kept} |\n"
        for table, columns in tables.items()
        for name, said in columns.items()
    ]
    return HEAD + "".join(rows)


def with_table(text: str) -> str:
    """The document with the table as it should be, everything around it as it was."""
    before, _, after = text.partition(HEAD.partition("\n")[0])
    rest = after.partition("\n\n")[2]
    return f"{before}{purposes()}\n{rest}"


if __name__ == "__main__":
    PURPOSES.write_text(with_table(PURPOSES.read_text(encoding="utf-8")), encoding="utf-8")
