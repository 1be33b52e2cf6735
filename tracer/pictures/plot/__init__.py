"""The frame of every plot: axes, ticks, names, legends, and where labels stand."""
