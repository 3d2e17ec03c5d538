"""The programme at the desk: what it says, who sees it, and who takes part in which workshop."""
