"""Badges at the desk: printed in advance by organisers, and on arrival at a badge desk."""
