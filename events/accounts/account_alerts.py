"""Emails to people about their own account, so that they notice a takeover early: a closed list, one email each."""

from datetime import datetime
from enum import StrEnum

from events.mail import outbox

from .staff import RoleName, Staff

TEMPLATE = "staff_alert"
PARTS_OF_ROLE = 3  # of the cause, after the kind: the moment, the event, and who gave it


class Alert(StrEnum):
    """Stands before the colon in the email's cause. The event's time of the act stands after it."""

    READY = "ready"  # all that somebody sets up who joins; whatever comes later is told by itself
    NEW_BROWSER = "new_browser"
    CODES_FAILING = "codes_failing"  # somebody has the password, and tries codes
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    CODES_SET_UP = "codes_set_up"
    CODES_TAKEN_AWAY = "codes_taken_away"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_DOUBTED = "passkey_doubted"  # it has counted fewer uses than before
    RECOVERY_USED = "recovery_used"
    RECOVERY_MADE = "recovery_made"
    ROLE_GIVEN = "role_given"
    ROLE_OFFERED = "role_offered"  # behind the event and who offers it stands which
    ROLE_TAKEN = "role_taken"
    DISABLED = "disabled"
    ENABLED = "enabled"
    SESSIONS_ENDED = "sessions_ended"
    PHONE_PAIRED = "phone_paired"  # behind the colon stands its pass


SENTENCES = {
    Alert.READY: "Your account is ready. A password, an authenticator app and recovery codes were set up for it.",
    Alert.NEW_BROWSER: "Your account was used in a new browser. Nobody had signed in to it there before.",
    Alert.CODES_FAILING: "Somebody has your password and tried wrong codes. They did not get in.",
    Alert.PASSWORD_CHANGED: "Your password was changed.",
    Alert.CODES_SET_UP: "A new authenticator app was set up for your account.",
    Alert.CODES_TAKEN_AWAY: (
        "Your ways to sign in were removed. These are your password, app, recovery codes and any passkeys."
        " Another email brings a link to start anew."
    ),
    Alert.PASSKEY_ADDED: "A passkey was added to your account. Anybody who has it can use it instead of a code.",
    Alert.PASSKEY_REMOVED: "A passkey was removed from your account.",
    Alert.PASSKEY_DOUBTED: (
        "A passkey of yours was refused. It may have been copied: sign in with a code, and remove that passkey."
    ),
    Alert.RECOVERY_USED: "A recovery code was used to sign in to your account.",
    Alert.RECOVERY_MADE: "New recovery codes were made for your account. The old ones no longer work.",
    Alert.ROLE_GIVEN: "You were given a role for an event.",
    Alert.ROLE_OFFERED: "You are offered a role for an event. To accept or decline it, sign in and open Your account.",
    Alert.ROLE_TAKEN: "A role that you had for an event was taken away.",
    Alert.DISABLED: "Your account was disabled. You cannot sign in any more.",
    Alert.ENABLED: "Your account was enabled. You can sign in again.",
    Alert.PHONE_PAIRED: "A door phone was paired for an event that you lead.",
    Alert.SESSIONS_ENDED: "You were signed out of all your browsers.",
}


async def alert(staff: Staff, kind: Alert, at: datetime, *, once_an_hour: bool = False) -> None:
    """Queues the email inside the act's transaction. `at` is the event's time."""
    moment = f"{at:%Y-%m-%dT%H}" if once_an_hour else at.isoformat()
    await outbox.put(TEMPLATE, staff.id, cause=f"{kind}:{moment}", at=at)


async def alert_of_role(staff: Staff, event_id: int, by: Staff | None, at: datetime) -> None:
    """The same, of a role that was given: its email says for which event, and who gave it."""
    cause = f"{Alert.ROLE_GIVEN}:{at.timestamp()}:{event_id}:{by.id if by else 0}"
    await outbox.put(TEMPLATE, staff.id, cause=cause, at=at)


async def alert_of_offer(staff: Staff, event_id: int, name: RoleName, by: Staff, at: datetime) -> None:
    """The same, of a role that waits for its owner's answer."""
    cause = f"{Alert.ROLE_OFFERED}:{int(at.timestamp())}:{event_id}:{by.id}:{name.value}"
    await outbox.put(TEMPLATE, staff.id, cause=cause, at=at)


def sentence(cause: str) -> str:
    """What a queued alert says, by its cause."""
    return SENTENCES[Alert(cause.partition(":")[0])]
