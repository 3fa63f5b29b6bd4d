"""The one error of this driver that a model or a person reads."""


class SpeechError(Exception):
    """The message is one sentence that says what to do instead."""
