"""Commands of the domain, one file each."""
