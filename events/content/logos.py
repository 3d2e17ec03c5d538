"""Organisers put the logo of a host on the public page, in place of the one that is there, and take it away."""

import hashlib
from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import PUBLIC, Event, held_event
from events.ground import live
from events.ground.database import after_commit, run_tx
from events.ground.refusal import Refused

from .logo import MARK_LENGTH, HostLogo
from .picture import Picture

NO_HOST = "The hosts of this event have changed since you opened the page. Nothing was changed."
GONE = "This logo has been taken away or replaced already. Nothing was changed."


@run_tx
async def put(event: Event, host: str, picture: Picture, alt: str, *, by: Actor, at: datetime) -> HostLogo:
    """`alt`: what is read to who cannot see it; the name of the host, where nothing is said."""
    event = await held_event(event.id)  # of two who put one at once the second replaces the first
    if host not in [known["name"] for known in event.hosts]:
        raise Refused(NO_HOST)
    await HostLogo.filter(event_id=event.id, host=host).delete()
    mark = hashlib.sha256(picture.png).hexdigest()[:MARK_LENGTH]
    logo = await HostLogo.create(
        event_id=event.id, host=host, alt=alt or host, picture=picture.png, mark=mark, width=picture.width,
        height=picture.height, added_at=at,
    )  # fmt: skip
    await audit.record(Action.LOGO_PUT, event, by=by, at=at, event_id=event.id, logo=logo.id, mark=mark)
    _publish(event)
    return logo


@run_tx
async def take_away(event: Event, logo_id: int, *, by: Actor, at: datetime) -> None:
    if not await HostLogo.filter(id=logo_id, event_id=event.id).delete():
        raise Refused(GONE)
    await audit.record(Action.LOGO_TAKEN_AWAY, event, by=by, at=at, event_id=event.id, logo=logo_id)
    _publish(event)


def _publish(event: Event) -> None:
    after_commit(live.publish, f"event:{event.id}")
    after_commit(live.publish, PUBLIC)
