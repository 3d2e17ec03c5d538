"""Complaints and incidents: what came in, what is decided about it, and by when."""
