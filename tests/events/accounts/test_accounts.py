"""Accounts: how one begins and ends, who may change which, and that its owner hears of every change."""

import asyncio
from collections import Counter

import pytest

from events.accounts import account_alerts, accounts, password_links, passwords, recovery, sign_in
from events.accounts.account_alerts import Alert
from events.accounts.accounts import ELSEWHERE, HAS_ACCOUNT, HAS_ROLE, LAST_LEAD, NOT_YOURSELF
from events.accounts.password_links import found
from events.accounts.sign_in_tries import Caller
from events.accounts.staff import Role, RoleName, Session, Staff
from events.event import Event
from events.ground.refusal import Refused
from events.ground.tokens import Purpose
from tests.events.accounts.joining import MINUTE, NEW_PASSWORD, NOW, invited, token_of
from tests.events.accounts.sessions import alerts_of
from tests.people import MONDAY, PASSWORD, a_member_of_staff, an_event, audit_of, joined, queued


async def roles_of(event: Event) -> dict[str, str]:
    rows = await Role.filter(event=event).prefetch_related("staff")
    return {row.staff.full_name: row.name.value for row in rows}


async def test_a_fresh_install_has_no_account_until_the_command_line_adds_one(event: Event) -> None:
    assert await Staff.all().count() == 0
    staff = await accounts.add(
        "lena@hosts.example.org", "Lena Lead", "Safer Places", [(event, RoleName.LEAD)], MONDAY, NOW
    )
    assert (staff.password_hash, await queued()) == ("", [])
    assert await roles_of(event) == {"Lena Lead": "lead"}
    assert await audit_of(staff) == [("added an account", "system", MONDAY), ("gave a role", "system", MONDAY)]
    with pytest.raises(Refused, match=HAS_ACCOUNT):
        await accounts.add("lena@hosts.example.org", "Another", "Safer Places", [], MONDAY, NOW)


async def test_lena_invites_ines_who_sets_her_own_password(event: Event, lena: Staff) -> None:
    ines = await Staff.get(id=(await invited(event, lena)).id)
    assert await queued() == [("lead_alert", lena.id), ("staff_invite", ines.id)]
    assert await found(Purpose.STAFF_INVITE, token_of(ines, Purpose.STAFF_INVITE), NOW) == ines
    token = await password_links.accept_invitation(ines, NEW_PASSWORD, "Firefox", MONDAY, NOW)
    session = await sign_in.find_session(token, NOW)
    assert session is not None
    assert sign_in.needs_second_factor(session)
    assert await passwords.right((await Staff.get(id=ines.id)).password_hash, NEW_PASSWORD)
    assert [action for action, *_ in await audit_of(ines)] == [
        "added an account", "gave a role", "invited an account", "accepted an invitation",
    ]  # fmt: skip


async def test_who_has_a_role_is_not_invited_to_another(event: Event, lena: Staff, omar: Staff) -> None:
    with pytest.raises(Refused, match=HAS_ROLE):
        await accounts.invite(omar.email, "Other", "", event, RoleName.LEAD, by=lena, at=MONDAY, real=NOW)
    assert (await roles_of(event), await queued()) == ({"Lena Lead": "lead", "Omar Organiser": "organiser"}, [])


async def test_two_leads_who_invite_the_same_address_at_once_make_one_account(event: Event, lena: Staff) -> None:
    answers = await asyncio.gather(*(invited(event, lena) for _ in range(5)), return_exceptions=True)
    assert Counter(type(answer).__name__ for answer in answers) == {"Staff": 1, "Refused": 4}
    assert [member.email for member in await Staff.all()].count("ines@hosts.example.org") == 1


async def test_changing_the_password_signs_out_the_other_browsers(lena: Staff) -> None:
    here, there = [await sign_in.begin_full_session(lena, NOW) for _ in range(2)]
    session = await sign_in.find_session(here, NOW)
    assert session is not None
    await password_links.change(session, NEW_PASSWORD, MONDAY)
    assert await sign_in.find_session(here, NOW)
    assert await sign_in.find_session(there, NOW) is None
    assert await alerts_of(lena) == ["password_changed"]


async def test_roles_are_given_changed_and_taken_away(event: Event, lena: Staff, omar: Staff) -> None:
    await accounts.give_role(omar, event, RoleName.VIEWER, by=lena, at=MONDAY)
    assert await roles_of(event) == {"Lena Lead": "lead", "Omar Organiser": "viewer"}
    await accounts.take_role(omar, event, by=lena, at=MONDAY + MINUTE)
    assert await roles_of(event) == {"Lena Lead": "lead"}
    assert await alerts_of(omar) == ["role_given", "role_taken"]
    assert await audit_of(omar) == [
        ("gave a role", f"staff:{lena.id}", MONDAY),
        ("took a role away", f"staff:{lena.id}", MONDAY + MINUTE),
    ]


async def test_nobody_changes_their_own_account_as_a_lead(event: Event, lena: Staff) -> None:
    await a_member_of_staff("Second Lead", "second@hosts.example.org", event, RoleName.LEAD)
    for act in (
        accounts.give_role(lena, event, RoleName.VIEWER, by=lena, at=MONDAY),
        accounts.take_role(lena, event, by=lena, at=MONDAY),
        accounts.disable(lena, by=lena, at=MONDAY),
        accounts.take_codes_away(lena, by=lena, at=MONDAY, real=NOW),
    ):
        with pytest.raises(Refused, match=NOT_YOURSELF):
            await act
    assert await alerts_of(lena) == []


async def test_the_last_lead_stays(event: Event, lena: Staff) -> None:
    for act in (
        accounts.give_role(lena, event, RoleName.VIEWER, by=None, at=MONDAY),
        accounts.take_role(lena, event, by=None, at=MONDAY),
        accounts.disable(lena, by=None, at=MONDAY),
    ):
        with pytest.raises(Refused, match=LAST_LEAD):
            await act
    assert (await roles_of(event), await alerts_of(lena)) == ({"Lena Lead": "lead"}, [])


async def test_leads_who_take_each_others_role_at_once_leave_one(event: Event, lena: Staff) -> None:
    others = [await a_member_of_staff(f"Lead {n}", f"l{n}@hosts.example.org", event, RoleName.LEAD) for n in range(9)]
    leads = [lena, *others]
    answers = await asyncio.gather(
        *(accounts.take_role(leads[n - 1], event, by=by, at=MONDAY) for n, by in enumerate(leads)),
        return_exceptions=True,
    )
    assert Counter(str(answer) for answer in answers if answer is not None) == {LAST_LEAD: 1}
    assert await Role.filter(event=event, name=RoleName.LEAD).count() == 1


async def test_two_leads_who_disable_each_other_at_once_leave_one(event: Event, lena: Staff) -> None:
    nora = await a_member_of_staff("Nora Next", "nora@hosts.example.org", event, RoleName.LEAD)
    answers = await asyncio.gather(
        accounts.disable(nora, by=lena, at=MONDAY), accounts.disable(lena, by=nora, at=MONDAY), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["NoneType", "Refused"]
    assert await Staff.filter(disabled_at__isnull=True).count() == 1


async def test_disabling_ends_everything_at_once_and_enabling_brings_the_account_back(
    event: Event, lena: Staff, omar: Staff
) -> None:
    omar = await joined(omar)
    session = await sign_in.begin_full_session(omar, NOW)
    await password_links.send(omar, by=lena, at=MONDAY, real=NOW)
    link = token_of(await Staff.get(id=omar.id), Purpose.STAFF_RESET)
    await accounts.disable(omar, by=lena, at=MONDAY)
    assert await sign_in.find_session(session, NOW) is None
    assert await found(Purpose.STAFF_RESET, link, NOW) is None
    with pytest.raises(Refused):
        await password_links.send(await Staff.get(id=omar.id), by=lena, at=MONDAY, real=NOW)
    await accounts.enable(omar, by=lena, at=MONDAY)
    assert await sign_in.find_session(session, NOW) is None, "no session of before lives on"
    assert await found(Purpose.STAFF_RESET, link, NOW) is None
    caller = Caller("192.0.2.1")
    assert await sign_in.sign_in(omar.email, PASSWORD, caller, MONDAY, NOW)
    assert await alerts_of(omar) == ["disabled", "enabled"]


async def test_a_lead_of_one_event_does_not_disable_who_works_on_another(event: Event, lena: Staff) -> None:
    other = await an_event()
    nora = await a_member_of_staff("Nora Next", "nora@hosts.example.org", event, RoleName.VIEWER)
    await Role.create(staff=nora, event=other, name=RoleName.ORGANISER)
    with pytest.raises(Refused, match=ELSEWHERE):
        await accounts.disable(nora, by=lena, at=MONDAY)
    await Role.create(staff=lena, event=other, name=RoleName.LEAD)
    await accounts.disable(nora, by=lena, at=MONDAY)


async def test_a_lost_second_factor_takes_codes_password_and_sessions_with_it_and_a_link_comes_first(
    event: Event, lena: Staff, omar: Staff
) -> None:
    omar, caller = await joined(omar), Caller("192.0.2.1")
    codes = await recovery.make(omar, MONDAY)
    session = await sign_in.begin_full_session(omar, NOW)
    assert await sign_in.sign_in(omar.email, PASSWORD, caller, MONDAY, NOW), "it worked until then"
    assert await recovery.use(omar, await recovery.hash_of(omar, codes[0]), MONDAY, NOW), "so did this"
    await accounts.take_codes_away(omar, by=lena, at=MONDAY, real=NOW)
    omar = await Staff.get(id=omar.id)
    assert (omar.totp_set_at, omar.totp_secret, omar.password_hash) == (None, "", "")
    assert await sign_in.find_session(session, NOW) is None
    assert await sign_in.sign_in(omar.email, PASSWORD, caller, MONDAY, NOW) is None, "a password alone leads nowhere"
    assert not await recovery.use(omar, await recovery.hash_of(omar, codes[1]), MONDAY, NOW)
    assert ("staff_reset", omar.id) in await queued()
    link = token_of(omar, Purpose.STAFF_RESET)
    assert await found(Purpose.STAFF_RESET, link, NOW) == omar
    token = await password_links.reset(omar, NEW_PASSWORD, "", MONDAY, NOW)
    begun = await sign_in.find_session(token, NOW)
    assert begun is not None
    assert sign_in.needs_second_factor(begun)


async def test_a_password_that_is_taken_away_while_it_is_looked_at_opens_and_changes_nothing(
    event: Event, lena: Staff, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who knew only that would set up an app of their own."""
    omar, caller = await joined(omar), Caller("192.0.2.1")
    whole = await sign_in.find_session(await sign_in.begin_full_session(omar, NOW), NOW)
    right, hashed = passwords.right, passwords.hashed

    async def meanwhile() -> None:
        await accounts.take_codes_away(await Staff.get(id=omar.id), by=lena, at=MONDAY, real=NOW)

    async def looked_at(stored: str, given: str, **_: bool) -> bool:
        answer = await right(stored, given)
        await meanwhile()
        return answer

    async def made(password: str) -> str:
        await meanwhile()
        return await hashed(password)

    assert whole is not None
    with monkeypatch.context() as patched:
        patched.setattr(passwords, "hashed", made)
        with pytest.raises(Refused, match="changed or taken away meanwhile"):
            await password_links.change(whole, NEW_PASSWORD, MONDAY)
    await joined(omar)
    monkeypatch.setattr(passwords, "right", looked_at)
    assert await sign_in.sign_in(omar.email, PASSWORD, caller, MONDAY, NOW) is None
    assert ((await Staff.get(id=omar.id)).password_hash, await Session.filter(staff=omar).count()) == ("", 0)


async def test_the_terminal_takes_codes_away_and_prints_the_link_itself(omar: Staff) -> None:
    omar = await joined(omar)
    await accounts.take_codes_away(omar, by=None, at=MONDAY, real=NOW)
    assert await queued() == [("staff_alert", omar.id)]
    link = await password_links.for_the_terminal(await Staff.get(id=omar.id), MONDAY, NOW)
    assert link.startswith("https://places.example.org/staff/reset/")


async def test_signing_somebody_out_is_recorded_and_told(lena: Staff, omar: Staff) -> None:
    await sign_in.begin_full_session(omar, NOW)
    await sign_in.end_sessions(omar, lena, MONDAY)
    assert await audit_of(omar) == [("ended sessions", f"staff:{lena.id}", MONDAY)]
    assert await alerts_of(omar) == ["sessions_ended"]


def test_every_alert_has_a_sentence_and_no_link() -> None:
    assert set(Alert) == set(account_alerts.SENTENCES)
    assert [sentence for sentence in account_alerts.SENTENCES.values() if "http" in sentence or "/" in sentence] == []
    assert account_alerts.sentence("disabled:2019-04-08T08:00:00+00:00") == account_alerts.SENTENCES[Alert.DISABLED]
