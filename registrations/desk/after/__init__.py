"""After the event, at the desk: what of its closing is done, the report for the hosts, and what is deleted when."""
