"""Files with data about people: who may take which columns, how they are made, kept sealed for an hour, and fetched."""
