"""The desk's page of feedback."""
