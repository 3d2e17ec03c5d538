"""How organisers arrange a list of people for themselves: which columns it has, in which order, by which filter."""
