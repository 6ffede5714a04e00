"""What can go wrong on the person's machine, said in a sentence."""


class LocalCloudError(Exception):
    """The command cannot go on; its text says what is wrong and what to do, and the command line exits with 1."""
