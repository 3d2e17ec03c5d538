"""Whether a name is one that was typed at a door. Accents, capitals, apostrophes, hyphens and spaces do not count.

People tell us one full name, and it does not say which of its words is the surname: in Nguyễn Văn An that is the first,
in Ada O'Brien-Nguyen the last two. So a surname may begin at any word, and the first name is any other word that stands
before it, or after it where it stands first. A name of one word is a surname, and its own first name.
"""

from collections.abc import Iterable

from registrations.people.person import folded

LEAST = 3  # letters of a surname
LONGEST = 100


def words_of(name: str) -> list[str]:
    return folded(name).split()


def squeezed(typed: str) -> str:
    """As one word. Every other sign stands for itself: nothing is a pattern."""
    return "".join(words_of(typed[:LONGEST]))


def letters_in(typed: str) -> int:
    return sum(map(str.isalpha, squeezed(typed)))


def found(people: Iterable[tuple[int, str]], surname: str, first: str) -> list[int]:
    """The ids of whose surname begins with one and whose first name with the other, both squeezed; '' fits everybody's
    first name."""
    return [id_ for id_, name in people if is_one(words_of(name), surname, first)]


def is_one(words: list[str], surname: str, first: str) -> bool:
    for n in range(len(words)):
        if "".join(words[n:]).startswith(surname):
            others = words[:n] or words[1:] or words
            if any(word.startswith(first) for word in others):
                return True
    return False
