"""Finished HTML: the same pages in one light frame of our own, as a folder or as one file."""
