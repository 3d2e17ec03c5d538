"""How a full name reads: which part of it is the surname, by which lists and badges are sorted."""
