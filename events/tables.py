"""The rooms of this package that define tables, in the order in which these refer to each other."""

ROOMS = (
    "events.ground.limits",
    "events.audit.audit",
    "events.audit.seal",
    "events.audit.key_use",
    "events.mail.outbox",
    "events.event",
    "events.known_organisation",
    "events.processor",
    "events.accounts.staff",
    "events.accounts.passkeys.passkey",
    "events.programme.programme",
    "events.content.logo",
)
