"""The ticket: how it comes and goes with its place, the emails and the calendar file, and who opens a link."""
