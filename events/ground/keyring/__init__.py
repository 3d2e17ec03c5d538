"""Keys as files hold them: read, written, and changed while servers run."""
