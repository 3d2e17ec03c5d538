"""The personal data that we keep, declared once beside its column: why, on what basis, until when, what deletion
leaves.

Deletion, docs/purposes.md, the privacy notice's lists and the tests follow from the declaration. Rules: DP-04.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from tortoise.fields.base import Field
from tortoise.models import Model

F = TypeVar("F", bound="Field[Any]")


@dataclass(frozen=True)
class Personal:
    """Of one column. The words are those of the documents, in which they stand as they are here."""

    purpose: str
    basis: str
    kept: str  # until when
    label: str = ""  # of an answer that people give: what the pages call it
    notice: str = ""  # its line in the privacy notice; columns may share one, and staff's have none


NOTICE: list[str] = []
NOTICE_BY_BASIS: dict[str, list[str]] = {}  # for each legal basis what rests on it, shortly


def personal(column: F, purpose: Personal) -> F:
    """Declares the column as personal, and returns it."""
    column.personal = purpose  # type: ignore[attr-defined]  # the library's fields carry no words of ours
    _give_notice(purpose)
    return column


def answer(purpose: Personal, empty: Callable[[], Any] | None = None) -> Any:
    """Declares a part of a value that is kept sealed: the field of its dataclass, a text unless `empty` makes another
    thing."""
    _give_notice(purpose)
    said = {"personal": purpose}
    return field(default="", metadata=said) if empty is None else field(default_factory=empty, metadata=said)


def _give_notice(purpose: Personal) -> None:
    if purpose.notice and purpose.notice not in NOTICE:
        NOTICE.append(purpose.notice)
        basis = purpose.basis.partition(", each ")[0]
        NOTICE_BY_BASIS.setdefault(basis[:1].upper() + basis[1:], []).append(re.split("[:;]", purpose.notice)[0])


def declared(model: type[Model]) -> dict[str, Personal]:
    """By name of the column, in the order of the columns."""
    columns = model._meta.fields_map.items()
    return {name: column.personal for name, column in columns if hasattr(column, "personal")}


def declared_in(value: type[Any]) -> dict[str, Personal]:
    """The same of a value that is kept sealed, by name of the field."""
    return {text.name: text.metadata["personal"] for text in fields(value) if "personal" in text.metadata}
