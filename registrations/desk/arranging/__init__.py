"""What guests need and choose for the day, for the access lead, the caterer and whoever briefs a photographer."""
