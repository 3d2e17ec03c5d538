"""Feedback after the event."""
