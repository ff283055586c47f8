"""What each page shows, in words and drawings: Report in, frozen records out that a template prints as they are."""
