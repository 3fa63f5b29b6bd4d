"""An engine that several kernels use, one after the other."""

from llmos.contracts import Engine


class Lent:
    """An engine that a kernel uses and does not close."""

    def __init__(self, engine: Engine) -> None:
        self.info, self.stream, self.count_tokens, self.healthy = (
            engine.info,
            engine.stream,
            engine.count_tokens,
            engine.healthy,
        )

    async def close(self) -> None:
        """It goes on."""
