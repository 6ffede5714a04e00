"""What is not collected: modules that only the peers' environment can import."""

collect_ignore = ["contest/peers"]
