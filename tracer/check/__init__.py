"""Checks: what a walkthrough says is derived again, by other means."""
