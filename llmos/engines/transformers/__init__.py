"""The engine over torch and transformers: an OpenAI-compatible server in a process of its own.

`engine.py` is what the kernel holds; `server.py` is the process. Inside it a request walks through `prompt.py`
(messages to tokens and pixels), `constraint.py` (schema or grammar), `loop.py` (many answers, step by step, through
`network.py` and over the key-value cache of `cache.py`), `sampling.py` (the next token) and `text.py` (tokens to text).
"""
