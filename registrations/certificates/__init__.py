"""Certificates of attendance: what stands on them, who has one, and whether a number is valid."""
