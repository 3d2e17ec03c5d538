"""What many people try at once, counted together."""
