"""What ends a mutation run before it has a result."""


class MutationError(Exception):
    """Nothing can be said about the tests; the text says why, for a person."""
