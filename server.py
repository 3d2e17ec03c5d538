"""Composition only: settings, app, routes, middleware, lifespan, the modules that hold models, and the click group."""

from events.database import Database

MODELS = {
    "events": (
        "events.limits",
        "events.audit",
        "events.outbox",
        "events.event",
        "events.known_organisation",
        "events.staff",
    ),
    "registrations": (
        "registrations.registration",
        "registrations.draft",
        "registrations.ticket",
        "registrations.door",
        "registrations.scan",
    ),
}
TORTOISE = Database("sqlite://:memory:", MODELS).config()  # what `tortoise -c server.TORTOISE makemigrations` reads
