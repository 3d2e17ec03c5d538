"""After the event: what is ticked of its closing, what organisers learned, and the report for the hosts."""
