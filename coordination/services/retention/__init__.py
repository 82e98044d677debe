"""How long data is kept, what is kept longer by legal hold, and what is erased."""
