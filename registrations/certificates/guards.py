"""What the database does of certificates by itself, word for word as it tells it: whatever else acts there is strange.

It deletes somebody's certificate with what they told us. Rules: EV-09.
"""

from events.audit import triggers

NAME = "certificates_ended"
DELETED = "OLD.person_sealed IS NOT NULL AND NEW.person_sealed IS NULL"
GOES = "DELETE FROM certificate WHERE registration_id = NEW.id;"


def _does(*, on_postgres: bool) -> str:
    if on_postgres:
        return f"FOR EACH ROW EXECUTE FUNCTION {NAME}() BEGIN IF {DELETED} THEN {GOES} END IF; RETURN NEW; END"
    return f"WHEN {DELETED} BEGIN {GOES} END"


for on_postgres in (True, False):
    does = _does(on_postgres=on_postgres)
    triggers.OTHERS[on_postgres][NAME] = f"CREATE TRIGGER {NAME} AFTER UPDATE ON registration {does}"
