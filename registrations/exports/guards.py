"""What the database does of exports by itself, word for word as it tells it: whatever else acts there is strange.

It deletes a file that waits to be fetched with what anybody told us who may stand in it, and one about needs with any
change of those. Whoever never confirmed their request, and did not come as a walk-in, stands in a file of emails alone.
Rules: SE-13, DP-05.
"""

from events.audit import triggers

DELETED = "OLD.person_sealed IS NOT NULL AND NEW.person_sealed IS NULL"
MOVED = "OLD.needs_sealed IS NOT NULL AND (NEW.needs_sealed IS NULL OR NEW.needs_sealed <> OLD.needs_sealed)"
FILES = "DELETE FROM export_part WHERE event_id = NEW.event_id"
IN_ALL = "OLD.confirmed_at IS NOT NULL OR EXISTS (SELECT 1 FROM walk_in WHERE registration_id = OLD.id)"
THEIRS = f"{FILES} AND ({IN_ALL} OR export_id IN (SELECT id FROM export WHERE kind = 'emails'))"  # noqa: S608
OF_NEEDS = f"{FILES} AND export_id IN (SELECT id FROM export WHERE kind IN ('access', 'catering'))"  # noqa: S608
ENDED = {"exports_ended": (DELETED, f"{THEIRS};"), "needs_exports_ended": (MOVED, f"{OF_NEEDS};")}


def _does(name: str, when: str, goes: str, *, on_postgres: bool) -> str:
    if on_postgres:
        return f"FOR EACH ROW EXECUTE FUNCTION {name}() BEGIN IF {when} THEN {goes} END IF; RETURN NEW; END"
    return f"WHEN {when} BEGIN {goes} END"


for on_postgres in (True, False):
    for name, (when, goes) in ENDED.items():
        does = _does(name, when, goes, on_postgres=on_postgres)
        triggers.OTHERS[on_postgres][name] = f"CREATE TRIGGER {name} AFTER UPDATE ON registration {does}"
