"""Roles: what each may do and see, in words, and whether those in the database were given by Muster."""
