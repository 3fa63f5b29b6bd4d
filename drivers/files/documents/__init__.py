"""Documents as Markdown. Each library loads with the first document of its kind."""

from drivers.files.documents.convert import FORMATS, Format, format_of, markdown

__all__ = ["FORMATS", "Format", "format_of", "markdown"]
