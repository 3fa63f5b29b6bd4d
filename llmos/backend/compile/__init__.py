"""Routes as code: the model writes a handler once, evidence decides whether it may answer in the model's place."""
