"""Every error llmos raises on purpose. Each message is one sentence that says what to do next.

LlmosError
├── UsageError                the command or request itself is wrong
├── EngineError
│   ├── EngineUnavailable     no engine answers, or it died
│   ├── EngineBusy            too many wait for it; `retry_after` says when to come back
│   └── ContextFull           the prompt does not fit the engine's window
├── ModelError
│   ├── UnknownModel          the catalog has no such model
│   ├── DigestMismatch        bytes arrived, but not the published ones
│   ├── SourceUnavailable     no source of a model could be reached
│   └── DiskFull
├── DriverError
│   ├── Denied                the process does not hold the capability
│   ├── DriverUnavailable     the driver did not start, or died
│   │   └── CallInterrupted   it died during a call, which may have happened or not
│   └── ToolFailed            the driver ran and said no
├── AppError                  a manifest, prompt or schema is wrong, or an app is unknown
├── AnswerError               the model's answer cannot be used
├── HandlerError              a compiled handler cannot be used; the model answers instead
├── StateError
│   ├── Conflict              the base version is no longer the newest
│   ├── SchemaMismatch
│   ├── InvariantBroken       what the app declares to hold always would not hold
│   ├── PatchError            the patch does not apply
│   └── StorageFull           the disk of the state folder has no room
└── KernelError
    ├── KernelBusy            another kernel owns the folder, or a port is taken
    ├── KernelUnavailable
    └── BudgetSpent           steps, tokens or seconds ran out
"""


class LlmosError(Exception):
    """Base of every error a person is meant to read; `str(error)` is the sentence."""


class UsageError(LlmosError): ...


class EngineError(LlmosError): ...


class EngineUnavailable(EngineError): ...


class EngineBusy(EngineError):
    def __init__(self, sentence: str, retry_after: int) -> None:
        """`retry_after` is in seconds."""
        super().__init__(sentence)
        self.retry_after = retry_after


class ContextFull(EngineError): ...


class ModelError(LlmosError): ...


class UnknownModel(ModelError): ...


class DigestMismatch(ModelError): ...


class SourceUnavailable(ModelError): ...


class DiskFull(ModelError): ...


class DriverError(LlmosError): ...


class Denied(DriverError): ...


class DriverUnavailable(DriverError): ...


class CallInterrupted(DriverUnavailable): ...


class ToolFailed(DriverError): ...


class AppError(LlmosError): ...


class AnswerError(LlmosError): ...


class HandlerError(LlmosError): ...


class StateError(LlmosError): ...


class Conflict(StateError): ...


class SchemaMismatch(StateError): ...


class InvariantBroken(StateError): ...


class PatchError(StateError): ...


class StorageFull(StateError): ...


class KernelError(LlmosError): ...


class KernelBusy(KernelError): ...


class KernelUnavailable(KernelError): ...


class BudgetSpent(KernelError): ...
