"""Sealed days: what was measured, in lines that outlive the raw rows and that are read in their place."""
