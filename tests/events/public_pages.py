"""Where the public pages are that are no event's own."""

PATHS = ("/", "/support", "/privacy", "/cookies", "/accessibility")
