"""Lists of people that organisers bring along: read with care, checked, and everybody invited who can be."""
