"""Writing: pages as text for MkDocs, for notebooks and as LaTeX, and the project they stand in."""
