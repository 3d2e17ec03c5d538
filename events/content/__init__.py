"""What organisers say of an event on its pages: title, day, text, logos of the hosts, colour; and a copy of it all."""
