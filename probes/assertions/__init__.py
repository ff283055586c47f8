"""What a measurement must be: assertions that are parsed with the configuration and explained when they fail.

Nothing is coerced: a missing path, an absent header or a text where a number belongs fails, with that as its reason.
"""
