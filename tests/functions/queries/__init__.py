"""The query functions, called as Lambda calls them."""
