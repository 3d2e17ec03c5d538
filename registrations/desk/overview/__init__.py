"""The first page of the desk: what to do now, and how the event stands. Numbers alone, nobody's name."""
