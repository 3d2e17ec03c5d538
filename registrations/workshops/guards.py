"""What the database does of workshops by itself: whatever else acts there is strange.

It refuses a place too many, and deletes with a guest's place what they chose and take part in. Rules: EV-01.
"""

from events.audit import triggers
from events.ground.database import POSTGRES, SQLITE

HAS_NO_PLACE_NOW = (
    "OLD.state IN ('approved', 'rechecking') AND (NEW.state NOT IN ('approved', 'rechecking')"
    " OR NEW.person_sealed IS NULL)"
)
GO = (
    "DELETE FROM workshop_choice WHERE registration_id = NEW.id",
    "DELETE FROM workshop_place WHERE registration_id = NEW.id",
    "UPDATE lot SET registration_id = NULL WHERE registration_id = NEW.id",
)
FULL = (
    "(SELECT capacity FROM programme_item WHERE id = NEW.workshop_id) BETWEEN 1"
    " AND (SELECT count(*) FROM workshop_place WHERE workshop_id = NEW.workshop_id AND id <> NEW.id)"
)
TOO_MANY = "'more rows of workshop_place than capacity'"


def _never_more_on_sqlite() -> dict[str, str]:
    refused = f"ON workshop_place WHEN {FULL} BEGIN SELECT RAISE(ABORT, {TOO_MANY}); END"
    acts = {"insert": "INSERT", "update_of_workshop_id": "UPDATE OF workshop_id"}
    return {f"workshop_place_never_more_{name}": f"AFTER {act} {refused}" for name, act in acts.items()}


def _never_more_on_postgres() -> dict[str, str]:
    held = "PERFORM 1 FROM programme_item WHERE id = NEW.workshop_id FOR NO KEY UPDATE;"
    does = (
        "BEFORE INSERT OR UPDATE OF workshop_id ON workshop_place FOR EACH ROW EXECUTE FUNCTION"
        f" workshop_place_never_more() BEGIN {held} IF {FULL} THEN RAISE EXCEPTION {TOO_MANY}; END IF; RETURN NEW; END"
    )
    return {"workshop_place_never_more": does}


triggers.ended_with("registration", HAS_NO_PLACE_NOW, "workshops_ended", GO)
for dialect, told in {POSTGRES: _never_more_on_postgres(), SQLITE: _never_more_on_sqlite()}.items():
    triggers.OTHERS[dialect] |= {name: f"CREATE TRIGGER {name} {does}" for name, does in told.items()}
