"""How many people have a place, of an event e: each figure once, for all pages that say it.

*Guests* have a ticket: they are approved. Those of them who *come along* with another take no place. A place is *held*
for whoever was offered one, and for a guest whom organisers look at once more, and *kept* for an invitation that nobody
has used yet. So the places that are given out or kept, which the event's counter has, are the guests who do not come
along, and the places held and kept. Parts of statements.
"""

HELD = """(SELECT count(*) FROM registration r WHERE r.event_id = e.id AND r.comes_with_id IS NULL
    AND r.state IN ('offered', 'rechecking'))"""
COME_ALONG = """(SELECT count(*) FROM registration r WHERE r.event_id = e.id AND r.comes_with_id IS NOT NULL
    AND r.state = 'approved')"""
KEPT = "(SELECT coalesce(sum(i.kept), 0) FROM invitation i WHERE i.event_id = e.id)"
GUESTS = f"e.taken - {HELD} - {KEPT} + {COME_ALONG}"  # the approved are many, and are not counted
