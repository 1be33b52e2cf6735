"""What the explorer's page needs of a run, as data for its scripts."""
