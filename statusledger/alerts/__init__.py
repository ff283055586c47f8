"""TELL: what fires and what was told -> what to tell whom now, sent and then recorded."""
