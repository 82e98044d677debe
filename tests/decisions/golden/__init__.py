"""Decisions as they were recorded, kept for good: `python -m tests.decisions.golden` records them anew.

Each line holds a document, and one decision about it with its whole input; policy texts stand beside by their
SHA-256. They are decisions of a made-up world, one for each agent and set of reasons.
"""
