"""Watching agents: what is measured of a decision, what is normal, when a change is evident, what it may do.

Pure: no table, no clock, no chance. `replay` runs it over a recorded stream.
"""
