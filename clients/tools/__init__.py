"""Client tools, one file each. Standard library only: a search also runs as a process of its own."""
