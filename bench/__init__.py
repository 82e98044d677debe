"""Benchmarks: whole decisions per second beside other ways of doing the same four steps, in one run,
interleaved."""
