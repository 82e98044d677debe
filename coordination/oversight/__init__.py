"""Measured oversight: known-answer cases are made from real ones, rehearsed, sealed and put to people.

What an answer does is `services/oversight.py`; what pages read is `selectors/oversight.py`.
"""
