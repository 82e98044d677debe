"""What else writes shared state, one room each: intake, payments, statements, coding, correspondence,
retention."""
