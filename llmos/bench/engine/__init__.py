"""How fast an engine answers, beside what transformers' own `generate` does with the same weights."""
