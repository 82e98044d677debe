"""What auditors use: samples, populations, evidence, seals, row checks, invariants, exports, SQL views and
logins."""
