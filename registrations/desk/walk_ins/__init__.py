"""People who came without a place, at the desk: who waits for a decision, and who is to be vetted yet."""
