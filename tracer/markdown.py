"""The extension of Python-Markdown by the name that ``mkdocs.yml`` of a project gives it."""

from tracer.writing.markdown import TracerMarkdownExtension, makeExtension

__all__ = ["TracerMarkdownExtension", "makeExtension"]
