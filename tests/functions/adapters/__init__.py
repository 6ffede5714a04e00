"""The adapters, one folder per technology."""
