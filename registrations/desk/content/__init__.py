"""The desk's pages of what an event looks like, and of its copy for the next time."""
