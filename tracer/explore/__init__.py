"""The explorer: what the page that moves needs of a run, as data."""
