"""Models and fits of other libraries, one module a library, each imported only when it is asked."""
