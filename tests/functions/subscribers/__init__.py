"""The subscriber functions, called as Lambda calls them."""
