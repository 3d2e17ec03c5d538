"""Who opens pages at the same moment shares one look at the database, and is nobody else."""

import asyncio

from events.accounts import sign_in
from events.accounts.staff import Role, RoleName, Staff
from tests.events.accounts.sessions import MINUTE, NOW, signed_in
from tests.people import an_event


async def test_everybody_is_who_their_cookie_says_with_their_own_role_for_the_event_they_named(
    lena: Staff, omar: Staff
) -> None:
    one, other = await an_event(slug="one"), await an_event(slug="other")
    await Role.create(staff=lena, event=one, name=RoleName.VIEWER)
    await Role.create(staff=lena, event=other, name=RoleName.CATERER)
    of_lena, of_omar = await signed_in(lena), await sign_in.begin_full_session(omar, NOW)
    asked = [(of_lena, "one"), (of_omar, "one"), ("nobody's", "one"), (of_lena, "other"), (of_lena, ""),
             (of_omar, "nowhere"), (of_lena, "one")]  # fmt: skip
    found = await asyncio.gather(*(sign_in.find_signed_in(token, slug, NOW) for token, slug in asked))
    said = [
        who and (who.session.staff.id, who.event and who.event.slug, who.role and who.role.name.value) for who in found
    ]
    assert said == [
        (lena.id, "one", "viewer"),
        (omar.id, "one", None),
        None,
        (lena.id, "other", "caterer"),
        (lena.id, None, None),
        (omar.id, None, None),
        (lena.id, "one", "viewer"),
    ]
    first, last = found[0], found[-1]
    assert first is not None
    assert last is not None
    first.session.browser = "changed by one"
    assert last.session.browser == "Firefox on Windows", "nobody else's"


async def test_a_session_that_was_ended_opens_nothing_even_beside_a_page_that_was_asked_for_before(lena: Staff) -> None:
    token = await signed_in(lena)
    before = asyncio.create_task(sign_in.find_signed_in(token, "", NOW))
    await asyncio.sleep(0)
    await sign_in.end_sessions(lena, None, NOW)
    assert await sign_in.find_signed_in(token, "", NOW + MINUTE) is None
    await before  # either way: it was asked for before
