"""Cards of door leads at the desk: made and printed once."""
