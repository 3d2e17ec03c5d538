"""Badges: what stands on them, how they are set on paper, and which were printed, when and by whom."""
