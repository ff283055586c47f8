"""Everything that any output may show, computed once."""
