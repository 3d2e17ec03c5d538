"""What DNS says of the domain that emails come from, and of the one that they come back to."""
