"""Deciding who comes: the signals beside a request, and each decision with its email and its entry."""
