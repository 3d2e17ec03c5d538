"""What organisers of a large event should know of the law on its safety: a note, and nothing is decided by it.

Rules: SG-17.
"""

STANDARD, ENHANCED = 200, 800  # people at once; Terrorism (Protection of Premises) Act 2025, sections 2 and 3
ACT = "the Terrorism (Protection of Premises) Act 2025 (Martyn's Law), which is not in force before April 2027"
OF_THE_VENUE = f"From 200 people at once a venue can have duties by {ACT}. Ask the venue whether it has."
OF_THE_EVENT = (
    f"From 800 people at once a venue can have further duties by {ACT}, and so can an event that is open to the public."
    " One for people who were invited or approved is not. Ask the venue, and take advice if anybody can come in."
)


def safety_note(places: int) -> str:
    """None is due below 200 places."""
    if places < STANDARD:
        return ""
    return OF_THE_VENUE if places < ENHANCED else OF_THE_EVENT
