"""Mistakes made on purpose in lock, commit and turn: whichever no test notices is a hole in the tests.

`python -m tests.faults.mutation` tries a fixed sample of them; docs/adr/0018 says why no library makes them.
"""
