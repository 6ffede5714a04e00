"""The domain, through real handlers and composition with fakes behind the ports, and its pure rules directly."""
