"""The organisers' pages: requests, people, event, email, doors, the board, and what has to be settled."""
