"""Open tasks and their claims, noted changes, announcements, locks: what one writer leaves for another to
take up."""
