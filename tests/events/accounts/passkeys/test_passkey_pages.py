"""The pages of passkeys: adding, using and removing one, and what they say where a browser cannot."""

import json
import re
from html import unescape

import httpx2
import pytest

from events.accounts import account_alerts
from events.accounts.passkeys import passkey_pages, proving
from events.accounts.passkeys.passkey import Passkey, hash_of
from events.accounts.sign_in_pages import WRONG_PASSKEY
from events.accounts.staff import Session, Staff
from events.accounts.staff_forms import NO_PASSKEY
from events.event import Event
from events.ground import clock, settings
from events.web.middleware import FOR_PASSKEYS
from tests.browser import heading, words
from tests.events.accounts.passkeys.authenticator import Device
from tests.events.accounts.sessions import alerts_of
from tests.events.accounts.signing_in import Client, errors, half, where, whole
from tests.people import PASSWORD, audit_of, code_of, joined

ADD = "/staff/account/passkeys/add"


def asked_by(page: httpx2.Response) -> str:
    """What the page asks the browser for, and that it may ask."""
    assert page.headers["permissions-policy"] == FOR_PASSKEYS
    found = re.search(r'data-asked="([^"]*)"', page.text)
    assert found is not None
    return unescape(found[1])


async def adds(browser: Client, name: str = "Work laptop", device: Device | None = None) -> Device:
    device = device or Device()
    made = device.makes(asked_by(await browser.get(ADD)))
    answer = await browser.post(ADD, data={"name": name, "passkey": made})
    assert where(answer) == (303, "/staff/account/passkeys?done=added")
    return device


async def test_lena_adds_a_passkey_and_signs_in_by_it(browser: Client, lena: Staff) -> None:
    await whole(browser, lena)
    before = await Session.get()
    device = await adds(browser)
    assert (await Session.get()).token_hash != before.token_hash
    page = await browser.get("/staff/account/passkeys?done=added")
    said = words(page.text)
    assert (heading(page), "Work laptop" in said, "never" in said) == ("Your passkeys", True, True)
    assert "passkey_added" in await alerts_of(lena)
    assert ("added a passkey", lena.actor) in [entry[:2] for entry in await audit_of(lena)]
    await browser.post("/staff/sign-out")
    page = await browser.get((await half(browser, lena)).headers["location"])
    assert heading(page) == "Use a passkey, or a code from your app"
    answer = await browser.post("/staff/code?next=/staff/account", data={"passkey": device.proves(asked_by(page))})
    assert where(answer) == (303, "/staff/account")
    assert "Passkeys 1" in words((await browser.get("/staff/account")).text)


async def test_a_code_does_as_before_where_no_passkey_can(browser: Client, lena: Staff) -> None:
    """The fields of the form as they are sent without JavaScript."""
    await whole(browser, lena)
    await adds(browser)
    await browser.post("/staff/sign-out")
    await Staff.filter(id=lena.id).update(last_step=0)  # half a minute later
    page = await browser.get((await half(browser, lena)).headers["location"])
    assert "This browser cannot use passkeys, or JavaScript is switched off. Enter a code." in words(page.text)
    assert errors(await browser.post("/staff/code", data={"code": "", "passkey": ""})) == ["Enter the six-digit code"]
    answer = await browser.post("/staff/code", data={"code": code_of(lena, clock.real()), "passkey": ""})
    assert where(answer) == (303, "/desk")


async def test_a_wrong_passkey_says_so_and_asks_anew(browser: Client, lena: Staff) -> None:
    await whole(browser, lena)
    device = await adds(browser)
    await browser.post("/staff/sign-out")
    page = await browser.get((await half(browser, lena)).headers["location"])
    device.verifies = False
    again = await browser.post("/staff/code", data={"passkey": device.proves(asked_by(page))})
    assert (again.status_code, errors(again)) == (422, [WRONG_PASSKEY])
    device.verifies = True
    answer = await browser.post("/staff/code", data={"passkey": device.proves(asked_by(again))})
    assert answer.status_code == 303


async def test_both_are_proved_by_password_and_passkey(browser: Client, lena: Staff) -> None:
    await whole(browser, lena)
    device = await adds(browser)
    await Session.all().update(both_proved_at=None, stepped_up_at=None)
    asked = await browser.get(ADD)
    assert where(asked) == (303, f"/staff/step-up?both&next={ADD}")
    page = await browser.get(asked.headers["location"])
    assert "your password and a code or a passkey again" in words(page.text)
    path = f"/staff/step-up?both&next={ADD}"
    wrong = await browser.post(path, data={"password": "wrong", "passkey": device.proves(asked_by(page))})
    assert errors(wrong) == ["The password is not right, or the passkey was not accepted. Try again."]
    missing = await browser.post(path, data={"password": "", "passkey": device.proves(asked_by(wrong))})
    assert errors(missing) == ["Enter your password"]
    answer = await browser.post(path, data={"password": PASSWORD, "passkey": device.proves(asked_by(missing))})
    assert where(answer) == (303, ADD)
    assert heading(await browser.get(ADD)) == "Add a passkey"


async def test_a_passkey_alone_proves_it_where_a_code_does(browser: Client, lena: Staff) -> None:
    await whole(browser, lena)
    device = await adds(browser)
    await Session.all().update(both_proved_at=None, stepped_up_at=None)
    page = await browser.get("/staff/step-up?code&next=/staff/account/password")
    said = {"passkey": device.proves(asked_by(page))}
    answer = await browser.post("/staff/step-up?code&next=/staff/account/password", data=said)
    assert where(answer) == (303, "/staff/account/password")
    assert (await browser.get("/staff/account/password")).status_code == 200
    assert (await browser.get(ADD)).status_code == 303, "and not what asks for both"


async def test_adding_asks_for_a_name_and_for_a_passkey(browser: Client, lena: Staff) -> None:
    await whole(browser, lena)
    made = Device().makes(asked_by(await browser.get(ADD)))
    nameless = await browser.post(ADD, data={"name": " ", "passkey": made})
    assert errors(nameless) == ["Enter a name, so that you know this passkey again"]
    assert made[:40] not in unescape(nameless.text)
    assert errors(await browser.post(ADD, data={"name": "Laptop", "passkey": ""})) == [NO_PASSKEY]
    assert errors(await browser.post(ADD, data={"name": "Laptop", "passkey": "{}"})) == [passkey_pages.NOT_ADDED]
    huge = await browser.post(ADD, data={"name": "Laptop", "passkey": json.dumps({"id": "a" * 20_000})})
    assert (errors(huge), await Passkey.all().count()) == ([passkey_pages.NOT_ADDED], 0)


async def test_a_passkey_that_is_known_is_not_added_again(browser: Client, lena: Staff, omar: Staff) -> None:
    await whole(browser, lena)
    device = await adds(browser)
    await browser.post("/staff/sign-out")
    await whole(browser, await joined(omar))
    made = device.makes(asked_by(await browser.get(ADD)))
    answer = await browser.post(ADD, data={"name": "Mine", "passkey": made})
    assert (answer.status_code, proving.KNOWN in words(answer.text)) == (409, True)
    assert [row.staff_id for row in await Passkey.all()] == [lena.id]


async def test_there_are_ten_at_most(browser: Client, lena: Staff) -> None:
    await whole(browser, lena)
    for number in range(proving.MOST):
        await adds(browser, f"Key {number}")
    made = Device().makes(asked_by(await browser.get(ADD)))
    answer = await browser.post(ADD, data={"name": "One too many", "passkey": made})
    assert (answer.status_code, proving.ENOUGH in words(answer.text)) == (409, True)
    assert await Passkey.all().count() == proving.MOST


async def test_lena_removes_a_passkey_and_it_is_of_no_use_any_more(browser: Client, lena: Staff) -> None:
    await whole(browser, lena)
    device = await adds(browser)
    row = await Passkey.get(credential_hash=hash_of(device.credential))
    asked = asked_by(await browser.get("/staff/step-up?code"))
    page = await browser.get(f"/staff/account/passkeys/{row.id}/remove")
    assert heading(page) == "Remove the passkey Work laptop?"
    assert await Passkey.all().count() == 1, "only looked at"
    answer = await browser.post(f"/staff/account/passkeys/{row.id}/remove")
    assert where(answer) == (303, "/staff/account/passkeys?done=removed")
    assert "You have none yet." in words((await browser.get("/staff/account/passkeys")).text)
    assert (await browser.get(f"/staff/account/passkeys/{row.id}/remove")).status_code == 404
    assert (await browser.post("/staff/step-up?code", data={"passkey": device.proves(asked)})).status_code == 422
    assert (await alerts_of(lena))[-1] == "passkey_removed", "and no doubt about a copy"
    assert ("removed a passkey", lena.actor) in [entry[:2] for entry in await audit_of(lena)]


async def test_nobody_removes_the_passkey_of_another(browser: Client, lena: Staff, omar: Staff) -> None:
    await whole(browser, lena)
    await adds(browser)
    await browser.post("/staff/sign-out")
    await whole(browser, await joined(omar))
    row = await Passkey.get()
    for method in ("GET", "POST"):
        assert (await browser.request(method, f"/staff/account/passkeys/{row.id}/remove")).status_code == 404
    assert await Passkey.all().count() == 1


async def test_other_pages_may_not_ask_for_passkeys(browser: Client, lena: Staff) -> None:
    await whole(browser, lena)
    policy = (await browser.get("/staff/account")).headers["permissions-policy"]
    assert policy.endswith("publickey-credentials-get=(), publickey-credentials-create=()")


async def test_where_the_site_has_no_name_the_pages_say_so(
    browser: Client, lena: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    await whole(browser, lena)
    numbers = settings.current().model_copy(update={"base_url": "https://192.0.2.1"})
    monkeypatch.setattr(settings, "_chosen", numbers)
    for path in ("/staff/account/passkeys", ADD):
        page = words((await browser.get(path)).text)
        assert "reached by a number and not by a name" in page
    assert "data-asked" not in (await browser.get(ADD)).text


async def test_the_emails_say_what_happened(lena: Staff, event: Event) -> None:
    kinds = [kind for kind in account_alerts.Alert if kind.startswith("passkey_")]
    assert [account_alerts.sentence(f"{kind}:now") for kind in kinds] == [
        "A passkey was added to your account. Anybody who has it can use it instead of a code.",
        "A passkey was removed from your account.",
        "A passkey of yours was refused. It may have been copied: sign in with a code, and remove that passkey.",
    ]
