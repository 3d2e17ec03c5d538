"""Workshops: which ones guests choose, how the places in them are given out, and who takes part in which."""
