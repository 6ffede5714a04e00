"""A scripted walk through everything the service does, with real tools in a folder and nothing but HTTP.

The demonstration and the end-to-end tests take the same one. What it has covered is computed from the catalog, the
tools, the states of an approval and the facts there are: whatever is added to those has to be added to the walk.
"""
