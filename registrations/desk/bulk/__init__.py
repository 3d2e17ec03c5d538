"""One act on all whom a list shows: the page that asks, the one that says how far it is, and who was left out."""
