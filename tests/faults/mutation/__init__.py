"""Mistakes made on purpose in lock, commit and turn: whichever no test notices is a hole in the tests.

`python -m tests.faults.mutation` tries a fixed sample of them. It is made of our own few operators and pytest, because
the libraries cannot make the mistakes that lose turns: neither mutmut 3.8 nor cosmic-ray 8.7 forgets a statement
(`draft.break_lock()`), lets an exception through, or negates a condition without a comparison in it. Nor does either
take a sample; mutmut leaves out decorated functions (`hold`, every property), cosmic-ray brings twenty packages.
"""
