"""What everything stands on, and what knows no noun: settings, clock, database, keys, links, limits, news and logs."""
