"""What else could have happened: the same experiment run again with one thing changed."""
