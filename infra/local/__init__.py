"""The whole system on this machine: environments, MiniStack, deployment, users, one command line."""
