"""What guests said after the event, at the desk."""
