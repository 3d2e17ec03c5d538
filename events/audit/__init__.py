"""The audit log: an entry for each act, sealed into a chain, and the proof that nothing of it is missing."""
