"""Rights requests: a copy of what we hold, a correction, erasure; asked, answered, and kept for a while."""
