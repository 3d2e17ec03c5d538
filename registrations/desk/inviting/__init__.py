"""The desk's pages about invitations."""
