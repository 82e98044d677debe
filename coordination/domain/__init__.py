"""Pure words of the trade: facts, proposals, policy types, stages, hold codes, amounts, terms. No table, no
clock."""
