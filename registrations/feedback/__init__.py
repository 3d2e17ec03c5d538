"""Feedback after the event: asked by a link that names nobody, and counted together, so that no answer is anybody's."""
