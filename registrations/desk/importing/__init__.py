"""The desk's pages on which a list is imported: the file, its columns, what would become of it, and the yes."""
