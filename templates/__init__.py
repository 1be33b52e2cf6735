"""All that tracer emits: pages, partials, pictures, assets and the files of a new project.

Installed as the package `tracer.templates`; `importlib.resources.files` finds it in a checkout and
in a wheel alike.
"""
