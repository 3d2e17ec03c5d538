"""Links in emails: bound to a purpose, a person and a generation, and nothing in them can be changed or guessed."""

import re
from itertools import product

import pytest

from events.ground import keys, tokens
from events.ground.keys import Keyring
from events.ground.tokens import Match, Purpose

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
ADAS = "abcdefghijklmnop"


def test_a_link_is_forty_two_letters_and_digits_of_which_the_first_sixteen_name_whose_it_is() -> None:
    public_id = tokens.new_public_id()
    token = tokens.make(Purpose.TICKET, public_id, 0)
    assert re.fullmatch(r"[a-z2-7]{42}", token)
    assert tokens.public_id_of(token) == public_id
    assert len({tokens.new_public_id() for _ in range(1000)}) == 1000


@pytest.mark.parametrize(("made", "asked"), list(product(Purpose, Purpose)))
def test_a_link_opens_the_pages_of_its_own_purpose_alone(made: Purpose, asked: Purpose) -> None:
    token = tokens.make(made, ADAS, 3)
    assert tokens.match(asked, token, 3) == (Match.CURRENT if made is asked else Match.NONE)


def test_an_older_generation_is_recognised_and_a_later_one_is_not() -> None:
    made = [tokens.make(Purpose.MANAGE, ADAS, generation) for generation in range(5)]
    assert [tokens.match(Purpose.MANAGE, token, 3) for token in made] == [
        Match.OLD, Match.OLD, Match.OLD, Match.CURRENT, Match.NONE,
    ]  # fmt: skip


def test_fifty_generations_back_a_link_is_still_recognised_and_no_more() -> None:
    token = tokens.make(Purpose.MANAGE, ADAS, 7)
    assert tokens.match(Purpose.MANAGE, token, 7 + 50) == Match.OLD
    assert tokens.match(Purpose.MANAGE, token, 7 + 51) == Match.NONE


def test_one_persons_link_is_nobody_elses() -> None:
    mac = tokens.make(Purpose.TICKET, ADAS, 0)[16:]
    assert tokens.match(Purpose.TICKET, "bbcdefghijklmnop" + mac, 0) == Match.NONE


def test_every_single_changed_character_makes_it_unknown() -> None:
    token = tokens.make(Purpose.CONFIRM, ADAS, 0)
    changed = [token[:at] + other + token[at + 1 :] for at in range(42) for other in ALPHABET if other != token[at]]
    assert len(changed) == 42 * 31
    assert {tokens.match(Purpose.CONFIRM, other, 0) for other in changed} == {Match.NONE}
    assert tokens.match(Purpose.CONFIRM, token, 0) == Match.CURRENT


def test_what_has_not_the_shape_of_a_link_is_nobodys() -> None:
    token = tokens.make(Purpose.CONFIRM, ADAS, 0)
    mangled = ["", token.upper(), token.title(), token[:-1], token + "a", token + "\n", " " + token]
    mangled += [token[:41] + strange for strange in ("1", "é", "-", "/", "=", "\0")]
    assert {tokens.public_id_of(text) for text in mangled} == {None}
    assert {tokens.match(Purpose.CONFIRM, text, 0) for text in mangled} == {Match.NONE}


def test_links_emailed_before_a_new_key_still_open_and_new_ones_are_made_with_it() -> None:
    old, new = keys.new_key(), keys.new_key()
    keys.install(Keyring([old]))
    mailed = tokens.make(Purpose.TICKET, ADAS, 1)
    keys.install(Keyring([new, old]))
    assert tokens.make(Purpose.TICKET, ADAS, 1) != mailed
    assert tokens.match(Purpose.TICKET, mailed, 1) == Match.CURRENT
    assert tokens.match(Purpose.TICKET, mailed, 2) == Match.OLD
    keys.install(Keyring([new]))
    assert tokens.match(Purpose.TICKET, mailed, 1) == Match.NONE
