"""Puts new keys in the place of old ones while no server runs, and drops an old one once nothing needs it."""
