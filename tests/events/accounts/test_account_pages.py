"""Pages about accounts: one's own, and those of others, which a lead looks after without setting a password."""

import re
from datetime import timedelta

import pyotp

from events.accounts import (
    account_alerts,
    account_pages,
    accounts,
    passwords,
    sign_in,
    sign_in_pages,
)
from events.accounts.guards import SESSION
from events.accounts.roles import role_offers
from events.accounts.staff import IDLE_FOR, Role, RoleName, Session, Staff
from events.event import Event
from events.ground import clock
from events.web.rendering import TEMPLATES
from tests.browser import BASE, heading, words
from tests.events.accounts.sessions import alerts_of
from tests.events.accounts.signing_in import NEW_PASSWORD, Client, errors, where
from tests.people import PASSWORD, a_member_of_staff, an_event, audit_of, code_of, joined, queued, the_account_of


async def test_a_lead_who_invites_somebody_of_another_event_does_not_learn_their_name(
    desk: Client, event: Event
) -> None:
    olga = await a_member_of_staff("Olga Elsewhere", "olga@hosts.example.org", await an_event(), RoleName.LEAD)
    told = {"email": olga.email, "full_name": "Somebody", "host": "Safer Places", "role": "viewer"}
    assert (await desk.post(f"/desk/{event.slug}/staff/invite", data=told)).status_code == 303
    [offer] = await role_offers.to_staff(olga, clock.now())
    await accounts.accept_role(offer, clock.now())
    pages = [await desk.get(f"/desk/{event.slug}/staff{path}") for path in ("", f"/{olga.id}")]
    assert [(olga.email in page.text, "Olga" in page.text) for page in pages] == [(True, False)] * 2
    await Role.filter(staff=olga).exclude(event=event).delete()
    assert "Olga Elsewhere" in (await desk.get(f"/desk/{event.slug}/staff")).text, "who works here alone has a name"


async def test_what_matters_is_asked_for_again_after_ten_minutes(desk: Client, event: Event, lena: Staff) -> None:
    invite = f"/desk/{event.slug}/staff/invite"
    assert heading(await desk.get(invite)) == "Invite someone"
    await Session.all().update(stepped_up_at=clock.real() - sign_in.STEP_UP_FOR)
    assert where(await desk.get(invite)) == (303, f"/staff/step-up?next={invite}")
    sent = await desk.post(invite, data={}, headers={"referer": f"{BASE}{invite}"})
    assert where(sent) == (303, f"/staff/step-up?next={invite}")
    foreign = await desk.post(invite, data={}, headers={"referer": "https://evil.example/x"})
    assert where(foreign) == (303, "/staff/step-up?next=/desk")
    step = f"/staff/step-up?next={invite}"
    assert heading(await desk.get(step)) == "Show that it is you"
    assert errors(await desk.post(step, data={"password": "wrong"})) == ["The password is not right. Try again."]
    before = desk.cookies[SESSION.name]
    assert where(await desk.post(step, data={"password": PASSWORD})) == (303, invite)
    assert desk.cookies[SESSION.name] != before
    assert heading(await desk.get(invite)) == "Invite someone"
    assert where(await desk.post(f"{step}&code", data={"code": code_of(lena, clock.real())})) == (303, invite)


async def test_lena_invites_someone(desk: Client, event: Event) -> None:
    path = f"/desk/{event.slug}/staff/invite"
    answer = await desk.post(path, data={"full_name": "Ines Invited", "email": "ines@"})
    assert errors(answer) == [
        "Enter an email address in the correct format, like name@example.com",
        "Select the host they work for",
        "Select a role",
    ]
    assert 'value="Ines Invited"' in answer.text
    told = {"full_name": "Ines Invited", "email": "Ines@Hosts.example.org", "host": "Safer Places", "role": "viewer"}
    assert where(await desk.post(path, data=told)) == (303, f"/desk/{event.slug}/staff?done=invite")
    ines = await the_account_of("ines@hosts.example.org")
    assert await queued() == [("staff_invite", ines.id)]
    listed = words((await desk.get(f"/desk/{event.slug}/staff")).text)
    assert "Ines Invited Viewer Invited Safer Places ines@hosts.example.org" in listed


async def test_a_lead_looks_after_an_account_and_never_sets_its_password(
    desk: Client, event: Event, lena: Staff, omar: Staff
) -> None:
    omar = await joined(omar)
    base = f"/desk/{event.slug}/staff/{omar.id}"
    page = await desk.get(base)
    assert heading(page) == "Omar Organiser"
    assert "password" not in re.findall(r'<input[^>]* type="([^"]+)"', page.text)
    assert where(await desk.post(f"{base}/role", data={"role": "viewer"})) == (303, f"{base}?done=role")
    for act in ("send-link", "end-sessions", "take-codes", "disable", "enable"):
        assert where(await desk.post(f"{base}/{act}")) == (303, f"{base}?done={act}")
        assert account_pages.DONE[act] in words((await desk.get(f"{base}?done={act}")).text)
    assert where(await desk.post(f"{base}/take-role")) == (303, f"/desk/{event.slug}/staff?done=take-role")
    assert (await desk.get(base)).status_code == 404
    assert (await desk.post(f"{base}/password")).status_code == 404
    assert [template for template, _ in await queued()] == [
        *("staff_alert", "staff_reset", "staff_alert"), "staff_reset", *["staff_alert"] * 4,
    ]  # fmt: skip
    assert {actor for _, actor, _ in await audit_of(omar)} == {lena.actor}


async def test_taking_a_role_away_asks_first_and_says_of_whom_and_what_they_lose(
    desk: Client, event: Event, lena: Staff, omar: Staff
) -> None:
    base = f"/desk/{event.slug}/staff/{omar.id}"
    person = await desk.get(base)
    assert f'action="{base}/take-role"' not in person.text, "no form does it in one click"
    assert f'href="{base}/take-role"' in person.text
    asked = await desk.get(f"{base}/take-role")
    assert heading(asked) == "Take the role of Omar Organiser away?"
    said = f"Omar Organiser is an organiser for {event.title}. Without the role they see nothing of this event any more"
    assert said in words(asked.text)
    assert await Role.exists(staff=omar, event=event), "asking takes nothing"
    assert re.findall(r'<form method="post" action="(/desk[^"]+)"', asked.text) == [f"{base}/take-role"]
    assert f'href="{base}">Cancel</a>' in asked.text
    await desk.post(f"{base}/take-role")
    assert not await Role.exists(staff=omar, event=event)
    assert (await desk.get(f"{base}/take-role")).status_code == 404


async def test_your_account_shows_where_you_are_signed_in_and_ends_it(desk: Client, lena: Staff) -> None:
    other = await sign_in.begin_full_session(lena, clock.real(), "Safari on iPhone")
    page = words((await desk.get("/staff/account")).text)
    assert "Safari on iPhone" in page
    theirs = await Session.get(browser="Safari on iPhone")
    assert where(await desk.post(f"/staff/account/sessions/{theirs.id}/end")) == (303, "/staff/account?done=signed-out")
    assert await sign_in.find_session(other, clock.real()) is None
    await sign_in.begin_full_session(lena, clock.real(), "Safari on iPhone")
    assert where(await desk.post("/staff/account/sessions/others/end")) == (303, "/staff/account?done=everywhere")
    assert await Session.all().count() == 1


async def test_nobody_ends_another_persons_session_by_its_number(desk: Client, omar: Staff) -> None:
    await sign_in.begin_full_session(omar, clock.real())
    theirs = await Session.get(staff=omar)
    assert (await desk.post(f"/staff/account/sessions/{theirs.id}/end")).status_code == 404
    assert await Session.filter(id=theirs.id).exists()


async def test_changing_password_app_and_recovery_codes(desk: Client, lena: Staff) -> None:
    here, posted = "/staff/account/password", {"current": PASSWORD, "password": NEW_PASSWORD}
    assert errors(await desk.post(here, data=posted | {"password": "short"})) == [
        "Password must be 12 characters or more"
    ]
    for wrong, says in (("", "Enter your current password"), (NEW_PASSWORD, account_pages.NOT_THE_PASSWORD)):
        assert errors(await desk.post(here, data=posted | {"current": wrong})) == [says]
    assert await passwords.right((await Staff.get(id=lena.id)).password_hash, PASSWORD), "nothing is changed so far"
    assert where(await desk.post(here, data=posted)) == (303, "/staff/account?done=password")
    page = await desk.get("/staff/account/app")
    secret = re.search(r'app-key">([A-Z2-7 ]+)<', page.text)
    assert secret
    assert secret[1].replace(" ", "") != lena.totp_secret
    code = pyotp.TOTP(secret[1].replace(" ", "")).now()
    assert heading(await desk.post("/staff/account/app", data={"code": code})) == "Save your recovery codes"
    assert heading(await desk.post("/staff/account/recovery-codes")) == "Save your recovery codes"
    assert "10 of 10 left" in words((await desk.get("/staff/account")).text)
    waiting = [account_alerts.Alert(cause) for cause in await alerts_of(lena)]
    assert waiting == ["password_changed", "codes_set_up", "recovery_made", "recovery_made"]


async def test_the_warning_can_keep_a_session_alive(desk: Client, lena: Staff) -> None:
    early = clock.real() - timedelta(minutes=26)
    await Session.all().update(last_used_at=early)
    assert where(await desk.post("/staff/stay")) == (204, "")
    assert (await Session.get()).last_used_at > early
    page = (await desk.get("/staff/account")).text
    assert "/static/idle.js" in page
    assert re.search(r"<noscript>.*You will be signed out at \d\d:\d\d", page, re.S)


def test_the_warning_counts_the_half_hour_that_the_server_counts() -> None:
    script = (TEMPLATES / "static" / "idle.js").read_text()
    assert f"const IDLE_SECONDS = {IDLE_FOR.seconds // 60} * 60;" in script


async def test_signing_out_clears_what_the_browser_keeps_of_our_pages(desk: Client) -> None:
    answer = await desk.post("/staff/sign-out")
    assert answer.headers["clear-site-data"] == '"cache"'


async def test_whoever_is_signed_in_stands_in_the_list_as_such(desk: Client, event: Event, omar: Staff) -> None:
    await Staff.all().update(password_hash="", totp_set_at=None)  # as in a rehearsal, whose people have no password
    shown = words((await desk.get(f"/desk/{event.slug}/staff")).text)
    assert "Lena Lead Lead Signed in now" in shown
    assert "Omar Organiser Organiser Invited" in shown


async def test_the_host_of_whom_is_invited_is_one_of_the_event(desk: Client, event: Event, lena: Staff) -> None:
    here = f"/desk/{event.slug}/staff/invite"
    typed = {"full_name": "Ines", "email": "ines@hosts.example.org", "role": "viewer"}
    page = await desk.get(here)
    assert re.findall(r'name="host"[^>]* value="([^"]+)"', page.text) == [host["name"] for host in event.hosts]
    for host in ({}, {"host": "Another host"}):
        assert errors(await desk.post(here, data=typed | host)) == ["Select the host they work for"]
    await desk.post(here, data=typed | {"host": event.hosts[1]["name"]})
    assert (await the_account_of(typed["email"])).host == event.hosts[1]["name"]


async def test_the_gravest_acts_ask_for_password_and_code_together(desk: Client, lena: Staff) -> None:
    grave = "/staff/account/recovery-codes"
    await Session.all().update(both_proved_at=clock.real() - sign_in.STEP_UP_FOR)
    asked = await desk.get(grave)
    assert where(asked) == (303, f"/staff/step-up?both&next={grave}"), "a password or code alone is too little"
    step, code = asked.headers["location"], code_of(lena, clock.real())
    assert errors(await desk.post(step, data={})) == ["Enter your password", "Enter the six-digit code"]
    for wrong in ({"password": "wrong", "code": code}, {"password": PASSWORD, "code": "000000"}):
        assert errors(await desk.post(step, data=wrong)) == [sign_in_pages.WRONG_PROOF["both"][1]]
    assert where(await desk.get(grave))[0] == 303
    assert where(await desk.post(step, data={"password": PASSWORD, "code": code})) == (303, grave)
    assert (await desk.get(grave)).status_code == 200
