"""The people who run an event: accounts and roles, signing in with two factors, and the guards of their pages."""
