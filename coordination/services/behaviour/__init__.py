"""Watching agents as they work: decisions are read in order, counted, judged; what is noticed becomes an
incident, and acts by degrees.

`watch` is the one reader. It decides nothing itself: what is measured, expected and evident is
`coordination.monitoring`, which is pure.
"""
