"""Words for kinds of organisation, as lists have them, and which of ours they mean: those that are ours already, those
that can mean one alone, and those that somebody says on a page."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from registrations.people.person import fold
from registrations.people.registration import OrganisationKind as Kind

from .columns import normal

OURS: Mapping[str, str] = {fold(kind.value): kind.value for kind in Kind}
MOST_WORDS = 60  # more are no kinds, but another column
BETWEEN = re.compile(r"[/,&()+;]|\band\b|\bor\b")
SURE: Mapping[str, Kind] = {
    word: kind
    for kind, words in {
        Kind.CHARITY: "charity,charities,registered charity,charitable organisation,voluntary,voluntary sector,"
        "voluntary organisation,third sector,vcs,vcse,ngo,non profit,not profit",
        Kind.POLICE: "police,police force,police service,constabulary",
        Kind.COUNCIL: "council,local authority,local authorities,local government,local council,district council,"
        "borough council,county council,city council,town council,parish council,unitary authority",
        Kind.HEALTH: "health,nhs,nhs trust,nhs foundation trust,health service,healthcare,hospital,gp,gp practice,"
        "mental health,integrated care board,icb,ambulance service",
        Kind.SOCIAL_CARE: "social care,social services,social work,adult social care,childrens social care",
        Kind.PROBATION: "probation,probation service,prison,prisons,prison service,hmpps",
        Kind.JUSTICE: "court,courts,court service,hmcts,cps,crown prosecution service,prosecution",
        Kind.HOUSING: "housing,housing association,housing associations,housing provider,social housing",
        Kind.EDUCATION: "education,school,schools,college,university,higher education,further education",
        Kind.OTHER: "other,others",
    }.items()
    for word in words.split(",")
}


class Word(NamedTuple):
    """A word that is none of ours: folded, as the list first has it, and for how many people."""

    folded: str
    written: str
    people: int

    @property
    def is_lasting(self) -> bool:
        """Whether the next list may have it too. A word of one row may be a name, in a column that was chosen by
        mistake."""
        return bool(self.folded) and (self.people > 1 or bool(guess(self.written)))


def of_word(word: str, said: Mapping[str, str]) -> str:
    """Our kind; empty where nobody knows. `said`: by a folded word what somebody said that it means."""
    return OURS.get(fold(word)) or said.get(fold(word), "")


def unknown(rows: Sequence[Sequence[str]], column: int | None, of_all: str) -> list[Word]:
    """What a column of kinds has that is none of ours, the most frequent first; also nothing, unless there is a kind
    for everybody whose row has none."""
    if column is None:
        return []
    cells = [row[column] for row in rows if any(row)]
    people, written = Counter(map(fold, cells)), {fold(cell): cell for cell in reversed(cells)}
    return [Word(w, written[w], n) for w, n in people.most_common() if w not in OURS and (w or not of_all)]


def guess(word: str) -> str:
    """What it can mean alone, by each of its parts, as in *Charity / voluntary sector*; empty where we are not sure."""
    parts = [normal(part) for part in BETWEEN.split(fold(word))]
    meant = {
        SURE.get(" ".join(part.split())) for part in (parts if normal(word) not in SURE else [normal(word)]) if part
    }
    return str(only) if len(meant) == 1 and (only := meant.pop()) else ""
