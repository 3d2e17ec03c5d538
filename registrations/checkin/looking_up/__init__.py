"""Looking a guest up by name at a door: what of a name counts, how often, and who may."""
