"""A small host for workflows: it executes the shipped files as they are, against a bare remote on this machine.

Every `run:` and every step of the composite action is executed; of the actions of others only those that the files use
are there, as `actions` describes. What GitHub does beyond that (queues, runners, the web) is not.
"""
