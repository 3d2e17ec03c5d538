"""Doors and the phones paired with them: passes, status, alarms, and the guest list that a phone holds."""
