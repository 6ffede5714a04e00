"""The command functions, called as Lambda calls them."""
