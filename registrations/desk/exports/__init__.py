"""The desk's pages about exports: what can be taken away, why, how far it is, and the file, once."""
