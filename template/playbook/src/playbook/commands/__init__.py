"""What each group of commands offers; the work itself is imported when it is asked for."""
