"""What operators are offered: drafts of incident files as branches and pull requests."""
