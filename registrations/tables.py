"""The rooms of this package that define tables, in the order in which these refer to each other."""

ROOMS = (
    "registrations.people.invitation",
    "registrations.people.registration",
    "registrations.people.link_answers",
    "registrations.people.address_change",
    "registrations.people.colleague",
    "registrations.people.former_address",
    "registrations.people.erased",
    "registrations.asking.draft",
    "registrations.tickets.ticket",
    "registrations.phones.door",
    "registrations.checkin.scan",
    "registrations.checkin.conflict",
    "registrations.checkin.attendance",
    "registrations.telling.mailing",
    "registrations.telling.announcement",
    "registrations.privacy.cases.complaint",
    "registrations.privacy.cases.incident",
    "registrations.privacy.rights.rights_request",
    "registrations.privacy.retention.deletion",
    "registrations.privacy.retention.key_copy",
)
