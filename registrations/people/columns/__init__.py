"""What a directory keeps in memory of each person, and what is counted there."""
