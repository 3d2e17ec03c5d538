"""For whoever operates a server: several processes, one that makes way for the next, numbers, and what is known to be
wrong with the parts that Muster is made of."""
