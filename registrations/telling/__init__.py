"""Emails to many: those that organisers' acts cause for everybody with a place, and those whose time has come."""
