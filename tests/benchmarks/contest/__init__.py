"""One chat and one crowd of writers, on our service and on its peers, each as its own documentation shows it.

Runs in two environments, ours and the peers' own: beside `ours` and `peers`, nothing here imports what only one has.
"""
