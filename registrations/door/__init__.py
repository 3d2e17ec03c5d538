"""What the phone at a door loads and asks over HTTP; the scanner itself is JavaScript."""
