"""The theme: templates, static files, translations and a fork's overrides; data only, no logic."""
