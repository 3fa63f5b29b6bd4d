"""llmos: an operating system whose kernel is a vision-language model."""

__version__ = "0.1.0"
