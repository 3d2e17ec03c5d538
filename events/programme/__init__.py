"""The programme of an event: what it says, who sees it, and how organisers change it."""
