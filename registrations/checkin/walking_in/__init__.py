"""Somebody who comes without a place: a door lead asks for one, an organiser decides, and vets them later."""
