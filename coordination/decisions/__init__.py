"""The one writer: what agents propose and people answer becomes state, history, ledger entry and question, in
one transaction."""
