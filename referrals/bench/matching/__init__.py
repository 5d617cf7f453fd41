"""A simulation of who is asked first: how well the ranking does, beside other rules and the best that hindsight allows.

Worlds are drawn (or read from a network), people arrive, organisations answer, cases end. Every rule meets the same
people and would get the same answers; only whom it asks, and when, is its own. docs/matching.md has the results.
"""
