"""A guest names a colleague, who is asked by email whether they want a place too."""
