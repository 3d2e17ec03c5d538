"""Backups: one sealed file of the whole database, and one a day while the server runs."""
