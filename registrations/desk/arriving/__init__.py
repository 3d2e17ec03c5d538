"""Whether our emails arrive: a test email to oneself, and a text for whoever filters emails at partners."""
