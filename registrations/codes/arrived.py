"""Who arrived, is inside and has left: one definition, for every page, list and email that says so.

Somebody arrived once a ticket of theirs has an admission at the entrances. Whoever comes into a room is counted there
too (`checkin/rooms/at_entrance.py`), so these admissions are of everybody who is in the building. A person who had
several tickets, one after the other, is where the last one by which they came in says. Parts of statements. Rules:
EV-01, SG-15.
"""

ENTRANCES = 0  # the presence group of all entrances of an event; each room is in one of its own


def at_entrances(ticket: str = "t", admission: str = "a") -> str:
    """What joins a ticket to its admission at the entrances, by their names in the statement."""
    return f"admission {admission} ON {admission}.ticket_id = {ticket}.id AND {admission}.presence = {ENTRANCES}"


def has_arrived(registration: str) -> str:
    """Whether whoever asked by this request (`r.id`, or `?`) came in, whatever happened since."""
    return f"""EXISTS (SELECT 1 FROM ticket t_came JOIN {at_entrances("t_came", "came")}
    WHERE t_came.registration_id = {registration})"""  # noqa: S608  # ours


# Of a ticket t: whether they came in by a later one, and left by it. Then they are not inside by this one either.
LEFT_SINCE = f"""EXISTS (SELECT 1 FROM ticket later JOIN {at_entrances("later", "b")}
    WHERE later.registration_id = t.registration_id AND later.id > t.id AND b.left_at IS NOT NULL)"""  # noqa: S608  # ours
# Of a ticket t and its admission a at the entrances: they are inside by it.
IS_INSIDE = f"a.left_at IS NULL AND NOT {LEFT_SINCE}"
# Of all tickets of one person, with their admissions a at the entrances: the last, doubled; odd if they left by it.
BY_LAST = "max(a.ticket_id * 2 + CASE WHEN a.left_at IS NULL THEN 0 ELSE 1 END)"
