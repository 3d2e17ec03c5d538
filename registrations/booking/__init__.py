"""What guests do themselves with the link in their email."""
