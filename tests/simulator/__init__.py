"""A day at the door whose phones run the product's own modules, with a simulated clock, network and disk."""
