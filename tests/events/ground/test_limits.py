"""How often is often enough: the sixth in an hour is dropped, a whole force behind one address is not."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import product

from events.ground import keys, limits, source
from events.ground.database import Database
from events.ground.limits import ASKS_FROM_NETWORK, CONFIRM_EMAILS, Attempt, Limit

NINE = datetime(2019, 4, 8, 9, 0, tzinfo=UTC)
ADA, BO = "ada@wardens.example.org", "bo.okafor@constabulary.example.org"


def after(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


async def times(n: int, limit: Limit, subject: str, at: datetime) -> list[bool]:
    """One after the other."""
    return [await limits.count(limit, subject, at) for _ in range(n)]


async def test_the_sixth_email_in_an_hour_to_one_address_is_dropped_and_another_address_has_its_own(
    database: Database,
) -> None:
    assert await times(6, CONFIRM_EMAILS, ADA, NINE) == [True] * 5 + [False]
    assert await limits.count(CONFIRM_EMAILS, BO, NINE)
    assert await limits.count(limits.TICKET_EMAILS, ADA, NINE)


async def test_sixty_people_from_one_network_in_ten_minutes_all_pass(database: Database) -> None:
    asked = [await limits.count(ASKS_FROM_NETWORK, "192.0.2.7", after(n / 6)) for n in range(60)]
    assert asked == [True] * 60


async def test_the_window_slides_so_that_no_full_hour_brings_ten(database: Database) -> None:
    assert await times(5, CONFIRM_EMAILS, ADA, after(55)) == [True] * 5
    assert await times(1, CONFIRM_EMAILS, ADA, after(60)) == [False]
    assert await times(2, CONFIRM_EMAILS, ADA, after(72)) == [True, False]  # a fifth of the hour has passed
    assert await times(6, CONFIRM_EMAILS, ADA, after(180)) == [True] * 5 + [False]


async def test_whoever_hammers_in_adas_name_does_not_take_the_tries_of_the_hours_after(database: Database) -> None:
    assert await times(300, CONFIRM_EMAILS, ADA, NINE) == [True] * 5 + [False] * 295
    assert [await limits.count(CONFIRM_EMAILS, ADA, after(60 + n)) for n in range(60)].count(True) == 4
    assert await limits.count(CONFIRM_EMAILS, ADA, after(180))


async def test_a_hundred_at_once_are_counted_exactly(database: Database) -> None:
    limit = Limit("things in a test", 40, timedelta(hours=1))
    answers = await asyncio.gather(*(limits.count(limit, ADA, NINE) for _ in range(100)))
    assert sorted(answers) == [False] * 60 + [True] * 40
    assert [row.tries for row in await Attempt.all()] == [40]


async def test_asking_whether_a_limit_is_spent_counts_nothing(database: Database) -> None:
    await times(4, CONFIRM_EMAILS, ADA, NINE)
    assert [await limits.spent(CONFIRM_EMAILS, ADA, NINE) for _ in range(3)] == [False] * 3
    await times(1, CONFIRM_EMAILS, ADA, NINE)
    assert [await limits.spent(CONFIRM_EMAILS, ADA, after(minutes)) for minutes in (0, 59, 60, 71, 72)] == [
        True, True, True, True, False,
    ]  # fmt: skip


async def test_after_the_wait_there_is_room_and_not_a_second_before(database: Database) -> None:
    limit = Limit("things in a test", 5, timedelta(minutes=1))
    for case in product((0, 1, 3, 5), (0, 2, 5), (0, 7, 31)):
        earlier, here, into = case
        await times(earlier, limit, str(case), NINE - timedelta(seconds=20))
        at = NINE + timedelta(seconds=into)
        await times(here, limit, str(case), at)
        seconds = await limits.wait(limit, str(case), at)
        spent = [await limits.spent(limit, str(case), at + timedelta(seconds=seconds - back)) for back in (0, 1)]
        assert spent == [False, seconds > 0], case


async def test_where_only_wrong_ones_count_a_right_one_is_given_back(database: Database) -> None:
    for _ in range(20):
        assert await limits.count(CONFIRM_EMAILS, ADA, NINE)
        await limits.give_back(CONFIRM_EMAILS, ADA, NINE)
    assert await times(6, CONFIRM_EMAILS, ADA, NINE) == [True] * 5 + [False]
    await limits.give_back(CONFIRM_EMAILS, BO, NINE)
    assert await times(6, CONFIRM_EMAILS, BO, NINE) == [True] * 5 + [False]


async def test_rows_go_once_they_weigh_nothing_however_long_their_window(database: Database) -> None:
    day = Limit("things a day", 5, timedelta(days=1))
    await times(1, CONFIRM_EMAILS, ADA, NINE)
    await times(5, day, ADA, NINE)
    assert await limits.forget(after(119)) == 0
    assert await limits.forget(after(120)) == 1
    assert not await limits.count(day, ADA, NINE.replace(day=9, hour=0))
    assert await limits.forget(NINE + timedelta(days=2)) == 1


async def test_no_address_and_no_plain_hash_of_one_stands_in_the_table(database: Database) -> None:
    await times(1, CONFIRM_EMAILS, ADA, NINE)
    [row] = await Attempt.all()
    keys.install(keys.Keyring([keys.new_key()]))
    await times(1, CONFIRM_EMAILS, ADA, NINE)
    [other] = await Attempt.exclude(id=row.id)
    assert len({row.subject, other.subject}) == 2
    assert len(row.subject) == 32


async def test_what_is_left_falls_with_each_try_and_a_reset_forgets_them_all(database: Database) -> None:
    """Those of the slot before too, of another subject none."""
    await times(2, CONFIRM_EMAILS, ADA, after(59))
    await times(1, CONFIRM_EMAILS, BO, after(59))
    left = [await limits.left(CONFIRM_EMAILS, ADA, after(60)) for _ in range(2)]
    await times(9, CONFIRM_EMAILS, ADA, after(60))
    assert [*left, await limits.left(CONFIRM_EMAILS, ADA, after(60))] == [3, 3, 0]
    await limits.reset(CONFIRM_EMAILS, ADA, after(60))
    assert [await limits.left(CONFIRM_EMAILS, who, after(60)) for who in (ADA, BO)] == [5, 4]


LINE = [source.network_at(f"2001:db8:0:{n:x}::1") for n in range(40)]  # what one IPv6 line of a /56 sends from


async def test_a_line_that_changes_its_network_of_ipv6_has_a_share_once_more_and_no_more(database: Database) -> None:
    """Half as much again for the /56, twice as much for the /48; IPv4 as ever, where nobody has neighbours."""
    few = Limit("things of one network", 4, timedelta(hours=1), by_network=True)
    assert [await limits.count(few, network, NINE) for network in LINE[:9]] == [True] * 6 + [False] * 3
    other = [source.network_at(f"2001:db8:0:{n:x}00::1") for n in range(1, 7)]
    assert [await limits.count(few, network, NINE) for network in other] == [True] * 2 + [False] * 4
    assert await limits.count(few, source.network_at("2001:db8:1::1"), NINE), "another /48 has its own"
    assert all([await limits.count(few, f"192.0.2.{n}", NINE) for n in range(9)])
    assert all([await limits.count(few._replace(what="others", by_network=False), line, NINE) for line in LINE])


def test_only_a_64_of_ipv6_has_networks_around_it() -> None:
    odd = ["", "198.51.100.7", "198.51.100.0/24", "2001:db8::/56", "no address/64", "2001:db8::1/64"]
    assert [source.around(network) for network in odd] == [()] * len(odd)
    assert [prefix for prefix, _ in source.around(LINE[3])] == ["2001:db8::/56", "2001:db8::/48"], "the control"


async def test_whoever_is_over_the_share_of_their_own_network_takes_nothing_from_the_line(database: Database) -> None:
    few = Limit("things of one network", 4, timedelta(hours=1), by_network=True)
    assert await times(9, few, f"{LINE[0]}|{ADA}", NINE) == [True] * 4 + [False] * 5
    assert [await limits.left(few, f"{network}|{ADA}", NINE) for network in LINE[:2]] == [0, 2]
    assert [await limits.count(few, f"{LINE[n]}|{ADA}", NINE) for n in (1, 2, 3)] == [True, True, False]
    assert await limits.spent(few, f"{LINE[3]}|{ADA}", NINE)
    assert 0 < await limits.wait(few, f"{LINE[3]}|{ADA}", NINE) <= await limits.wait(few, f"{LINE[0]}|{ADA}", NINE)
    await limits.give_back(few, f"{LINE[2]}|{ADA}", NINE)
    assert await limits.count(few, f"{LINE[3]}|{ADA}", NINE), "what is given back is given back to all"
