"""The clients, against a server that keeps the HTTP contract in memory."""
