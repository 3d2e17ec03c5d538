"""What is deleted by itself, and when: requests, names, data keys, and what is left when an event is over."""
