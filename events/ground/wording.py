"""Every fixed sentence that more than one page or email says: support numbers, refusals, names of states."""

from typing import NamedTuple


class Support(NamedTuple):
    name: str
    number: str
    note: str


SUPPORT = (
    Support("Safer Places stalking service (ISAC)", "03301 025811", "24 hours a day, referrals@saferplaces.co.uk"),
    Support("National Stalking Helpline", "0808 802 0300", "free from most telephones"),
    Support("Herts Domestic Abuse Helpline", "08 088 088 088", ""),
    Support("Emergency", "999", "if someone is in danger now"),
)

ALREADY_DECIDED = "Someone else has decided this already. Nothing was changed. Look at it again."
EVENT_FULL = "There is no place left. Put this person on the waiting list, or raise the number of places first."
DAMAGED = (
    "This request cannot be read, so it was not changed. Our database may be damaged: tell whoever runs this service."
)
MOVED_ON = "Your request has just changed, so nothing was done. Open the link in our email again, and choose again."
MOVED_ON_AT_DESK = "This request has just changed, so nothing was done. Look at it again."
IS_OVER = "This event is over. Nothing about its places can be changed any more."
NOT_OFFERED = "We are not able to offer you a place at this event."
TOO_MANY_REQUESTS = "Too many requests have come from your network. Wait ten minutes, then send this page again."
NEUTRAL_SITE = "https://www.bbc.co.uk/weather"  # where Exit this page goes
SET_BEFORE_OPENING = "The hosts set this before registration opens."
SAME_ADDRESS = "We send it to the same address as before"
ENQUIRER_LINE = "Do not confirm or deny to anyone who asks that a person is coming."
LOOK_UP_LATER = "References can be looked up from two hours before the doors open"
NAMES_LATER = "Names can be looked up from two hours before the doors open"
NAMES_NOT_HERE = "Only a door lead's phone looks up names at this event. Ask for the reference, or call the lead."
NAME_TOO_SHORT = "Type at least 3 letters of the surname."
FIRST_LETTER = "Type their first name too, or its initial."
TYPE_MORE = "Type more"
NOBODY_OF_NAME = "Nobody was found. Check the spelling, or take them aside."
CHOSEN_TOO_LATE = "That list is too old. Look them up again."
NOT_THIS_PHONE = "This phone is not for that. Ask the door lead which phone is."
WALK_IN_BY_LEADS = "Only a door lead asks for a place at the door, with their PIN, on their own phone."
WALK_IN_LATER = "Places at the door can be asked for on the day, from two hours before the doors open."
WALK_INS_OVER = "The door is being closed, so no more places are asked for here. Telephone an organiser."
WALK_IN_ON_THE_DAY = "Walk-ins are entered on the day of the event. Until then, add a person by telephone."
WALK_INS_CLOSED = "The door is being closed, so nobody else is let in. Open the door again first."
WALK_INS_SLOW = "Many have been asked for in the last hour. Telephone an organiser."
VENUE_LATER = "Not given yet. It will be on your ticket page before the day."  # true on a screen and on paper
VENUE_MISSING = "Not given yet. Telephone the organisers."  # on the day itself
ONLY_DOOR_STAFF_SCAN = "Only staff at the door scan this code."
DOOR_NAME_TAKEN = "There is a door of this name already. Give this one another name."
DOOR_REMOVED = "This door has been removed in this moment, so nothing was saved."
DOOR_STAYS = (
    "A code for a phone was made for this door, people were counted there, or a sheet was printed for it, so it cannot "
    "be removed. Give it another name instead."
)
LAST_ENTRANCE = "This is the only entrance, and there are rooms. Remove the rooms first."
DOOR_KIND_STAYS = (
    "A code for a phone was made for this door, or people were counted there, so it stays what it is. Make another "
    "door, and pair the phones with that one."
)
ONLY_ROOMS = "Only rooms can be marked so: all entrances count as one anyway."
VENUE_HAS_ITS_OWN = "How many may come in at the entrances together is the limit of the venue, which stands by itself."
NO_SUCH_WORKSHOP = "This workshop is not in the programme any more, so nothing was changed. Look at the room again."
ONLY_ENTRANCE = "This is the only entrance. Whoever is in a room is counted at an entrance too: make another one first."
NO_ENTRANCE_YET = "There is no entrance yet. People in the venue are counted at entrances: make one first."
NO_HOURS = "No phone can be paired before we know when the door opens. Set the event's hours, or this door's, first."
DOOR_CLOSED = (
    "The door is closed, or is being closed. Open it again under Doors and phones, Close the door; then make the code."
)
NO_CARD = "Only a door lead whose pass has not ended has a card."
DOORS_OVER = "The doors have closed. Change when the event or the door closes, then make the code."
PAIRING_WRONG = "That code does not work. It may be wrong, used or too old. Ask the lead for a new one."
PAIRING_SLOW = "Too many codes were wrong. Wait ten minutes, then ask the lead for a new one."
PIN_WRONG = "That is not a lead's PIN. {left} left, then this phone takes no PIN for 15 minutes."
PIN_SLOW = "Too many PINs were wrong on this phone. It takes none for {wait}. The lead's own phone still does."
PIN_SPENT = "Too many PINs were wrong, so none works any more. An organiser makes each lead a new pass, with a new PIN."
PIN_SHAPE = "A lead's PIN has 6 digits."
NEVER_A_TICKET = "No ticket has this reference. Check each character, or take them aside."

PRIVACY = {
    "legal_basis": "The legal basis",
    "arrangement": "The essence of the hosts' arrangement",
    "transfers": "Whether it leaves the United Kingdom",
    "keeping": "How long it is kept",
}  # what the hosts say in the privacy notice; the rest of it stands in the page

STATES = {
    "requested": "Not confirmed yet",
    "confirmed": "To decide",
    "approved": "Approved",
    "waiting": "Waiting list",
    "offered": "Offered",
    "rechecking": "To decide again",
    "not_offered": "Declined",
    "cancelled": "Cancelled",
    "expired": "Expired",
}

EMAIL_NAMES = {
    "confirm": "Link to confirm the address",
    "received": "We have the request",
    "have_place": "There is a place already",
    "ticket": "Ticket",
    "waiting": "Waiting list",
    "offer": "A place is free",
    "offer_over": "An offer ran out",
    "not_offered": "No place offered",
    "more_address": "Asked for a work address",
    "more_manager": "Asked for a manager's contact",
    "given_up": "Place given up",
    "choose_workshops": "Workshops can be chosen",
    "workshops": "Their workshops",
    "booking_changed": "Booking changed",
    "needs_asked": "Booking changed",  # of these five nobody at the desk reads more: only who needs something has them
    "needs_arranged": "Booking changed",
    "needs_told": "Booking changed",
    "needs_question": "Booking changed",
    "needs_cannot": "Booking changed",
    "new_address": "Is this new address theirs",
    "address_asked": "Another address was asked for",
    "hand_over": "Do they take over a place",
    "handing_over": "The place is handed over: asked",
    "place_kept": "The place is not handed over",
    "not_answered": "The colleague did not answer about the place",
    "handed_over": "The place is handed over",
    "not_handed_over": "There is no place to take over",
    "cancelled": "No longer a place",
    "venue_released": "The address of the event",
    "event_changed": "Something has changed",
    "week_before": "A week to go",
    "thursday_before": "Before the weekend",
    "day_before": "One day to go",
    "thanks": "Thank you for coming",
    "certificate": "Certificate of attendance",
    "announcement": "Announcement",
}

OTHER_EMAIL_NAMES = {  # to staff, to colleagues and companions, and about rights: not among those of a request
    "announcement_test": "Test of an announcement",
    "colleague": "Do they want a place too",
    "companion": "Do they come along with a guest",
    "complaint_alert": "A complaint has come in",
    "complaint_digest": "Complaints of the last hour",
    "complaint_received": "We have the complaint",
    "erased": "The data is erased",
    "incident_alert": "An incident is to be reported",
    "key_copies": "Are copies of the data key destroyed",
    "lead_alert": "Notice to leads",
    "overdue_alert": "A case is overdue",
    "rights_alert": "A rights request has come in",
    "rights_copy": "Link to a copy of their data",
    "rights_received": "We have the rights request",
    "staff_alert": "Notice about an account",
    "staff_invite": "Invitation to the desk",
    "staff_reset": "Link for a new password",
    "staff_test": "Test email",
}

THEIR_NEEDS = {
    "needs_asked": "What you need: received",
    "needs_arranged": "What you need: arranged",
    "needs_told": "What you need: answered",
    "needs_question": "What you need: a question",
    "needs_cannot": "What you need: cannot be arranged",
}  # the same emails, for whoever has them


def counted(number: int, one: str, many: str) -> str:
    """1 request, 3 requests: `one` and `many` are what stands behind the number."""
    return f"{number} {one if number == 1 else many}"


def error_words(status: int) -> dict[str, str]:
    """Heading and sentence for a request that we cannot read."""
    if status == 413:
        return {"heading": "That was too large", "sentence": "Shorten what you entered, then send it again."}
    return {"heading": "We could not read that", "sentence": "Go back, then try again."}
