"""What tests share: fakes that pass the adapters' contract suites, builders, and the running pieces."""
