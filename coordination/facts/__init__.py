"""What agents may know: loads it from shared state in few queries, and cuts it to what each may see. Writes
no decision."""
