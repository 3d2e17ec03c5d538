"""Who asks for a place: the request and its states."""
