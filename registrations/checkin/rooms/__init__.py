"""Rooms and the venue: how many may be in at once, and who is let in where no place is left."""
