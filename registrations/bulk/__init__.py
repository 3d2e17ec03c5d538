"""One act on many people of a list: fixed at the press, done in the background, stopped or taken back as a whole."""
