"""Certificates at the desk: what stands on them, their release, and one that is ended."""
