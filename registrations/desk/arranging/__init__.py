"""What guests need for the day, for the two who see it: the access lead, who arranges it, and the caterer."""
