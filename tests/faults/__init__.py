"""What is tried to lose, double or mix up what the service was given: the same every time."""
