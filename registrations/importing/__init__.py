"""Lists of people that organisers bring along: read with care, checked, and everybody on them invited, or nobody."""
