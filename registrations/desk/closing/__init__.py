"""The end of the day at the desk: the door is closed, once every phone has handed over what it held."""
