"""The embedded engine's own process: llama.cpp's server, alive as long as its standard input.

Reads one line of settings, announces `{"address": URL}` on standard output once the model is loaded,
and ends when its parent closes the pipe, which the system does for a parent that was killed.
"""

import json
import os
import sys

import xllamacpp

from llmos.engines.settings import LlamaCppSettings

LOG_WARNINGS = 2


def params_of(settings: LlamaCppSettings) -> xllamacpp.CommonParams:
    params = xllamacpp.CommonParams()
    params.model.path = settings.model
    params.n_ctx = settings.context_tokens * settings.slots  # llama.cpp divides it among the slots
    params.n_parallel = settings.slots
    params.cpuparams.n_threads = settings.threads
    params.cpuparams_batch.n_threads = settings.threads
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [settings.key]
    params.ui = False
    params.warmup = False
    params.verbosity = LOG_WARNINGS
    return params


def main() -> None:
    """Serve until the parent is gone. It may go while the model loads: then nobody takes the address.

    The end is always `os._exit`: the server's destructor waits for threads that wait for a reader who is gone.
    """
    settings = LlamaCppSettings(**json.loads(sys.stdin.buffer.readline()))
    announcement = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else is printed belongs in the log
    server = xllamacpp.Server(params_of(settings))
    try:
        with announcement:
            announcement.write(json.dumps({"address": server.listening_address}) + "\n")
        sys.stdin.buffer.read()
    except OSError as error:
        print(error, file=sys.stderr, flush=True)  # noqa: T201 - standard error is the engine's log
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
