"""Input that nobody expects, sent to the running system."""
