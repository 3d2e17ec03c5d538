"""Puts new keys in the place of old ones while servers run, and drops an old one once nothing needs it."""
