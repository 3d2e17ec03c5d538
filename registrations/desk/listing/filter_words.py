"""The filter of a list in words, and whether an address still says which it is."""

from collections.abc import Mapping

from events.ground import wording
from events.ground.refusal import Refused
from registrations.checkin.whereabouts import Presence
from registrations.desk.on_the_day.presence import ON_THE_DAY
from registrations.desk.people_list import Wanted
from registrations.people.directory import Sort
from registrations.workshops import roster

from . import columns

SORTS = {Sort.NAME: "by surname", Sort.ORGANISATION: "by organisation", Sort.NEWEST: "newest first",
         Sort.OLDEST: "oldest first"}  # fmt: skip
IN_WORKSHOP, IN_NONE = "in one workshop", "in no workshop at one time"  # titles are sealed, and no filter names them
NOT_THIS_LIST = "The filter of this list is not valid any more. Nothing was done. Choose it again, then try again."


def in_words(filter_: dict[str, str], states: dict[str, str]) -> str:
    """To decide, Police, newest first, with 4 columns."""
    parts = [states[filter_["state"]]] if "state" in filter_ else []
    parts += [filter_["kind"].capitalize()] if "kind" in filter_ else []
    parts += [filter_["type"].capitalize()] if "type" in filter_ else []
    parts += [ON_THE_DAY[Presence(filter_["there"])]] if "there" in filter_ else []
    group = roster.group_of(filter_.get("workshop", ""))
    parts += [IN_WORKSHOP if group.workshop_id else IN_NONE] if group else []
    parts += [SORTS[Sort(filter_["sort"])]] if "sort" in filter_ else []
    if "columns" in filter_:
        parts.append("with " + ", ".join(columns.WORDS[columns.Column(name)] for name in filter_["columns"].split(",")))
    return ", ".join(parts) or "Everybody, in the usual order"


def refuse_wider(asked: Mapping[str, str], wanted: Wanted) -> None:
    """Raises Refused where more people would be meant than the address asks for: a filter in it was cut, or is unknown
    now."""
    understood = {"find": wanted.text, "of": wanted.organisation, "kind": wanted.kind, "there": wanted.presence}
    understood |= {
        "state": wanted.state,
        "type": wanted.badge_type,
        "workshop": wanted.workshop and wanted.workshop.code,
    }
    if any(asked.get(name) and not value for name, value in understood.items()):
        raise Refused(NOT_THIS_LIST, 422)


def filter_words(wanted: Wanted) -> str:
    """The filter as a saved one is told, and that words were searched for: never which."""
    chosen = {"state": wanted.state, "kind": wanted.kind, "type": wanted.badge_type, "there": wanted.presence}
    filter_ = {name: str(value.value) for name, value in chosen.items() if value}
    filter_ |= {"workshop": wanted.workshop.code} if wanted.workshop else {}
    parts = [in_words(filter_, wording.STATES) if filter_ else "Everybody on the list"]
    parts += ["found by words"] if wanted.text else []
    parts += ["of one organisation"] if wanted.organisation else []
    return ", ".join(parts)
