"""The desk's pages of emails to many: what goes out next, how far each is, and what it says."""
