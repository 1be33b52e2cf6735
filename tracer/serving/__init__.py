"""Serving: finished HTML on this machine, made again and shown as soon as a file is saved."""
