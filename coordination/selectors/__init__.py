"""Read-only queries behind the pages: they return frozen dataclasses and write nothing."""
