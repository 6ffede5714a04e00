"""The deployed system, called from outside as a client calls it."""
