"""Asking for a place: the questions, the draft between them, the request, and the page that confirms it."""
