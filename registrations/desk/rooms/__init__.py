"""The desk's pages about rooms and the venue: how many people they are for."""
