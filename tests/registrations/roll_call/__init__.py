"""The roll call: keys and the list, starts and ends, ticks of several phones."""
