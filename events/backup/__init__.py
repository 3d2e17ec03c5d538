"""Backups: one sealed file of the whole database, one a day while the server runs, restoring it, and the drill."""
