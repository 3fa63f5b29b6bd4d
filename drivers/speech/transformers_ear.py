"""A Whisper checkpoint of transformers, run by torch: in half precision on the GPU that it sees, else on the CPU."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

from drivers.speech.ear import LEAST_LOGPROB, MOST_RATIO, MOST_SILENCE, TEMPERATURES, Segment, Word
from drivers.speech.sound import RATE, Samples

Json = Any
UNSPACED = ("zh", "ja", "th", "lo", "my", "yue")  # written without spaces between words
PART = "\ufffd"  # a token that is part of a character
SILENCES = ("<|nospeech|>", "<|nocaptions|>")  # what newer and older checkpoints call it


class TransformersEar:
    """Raises OSError, ValueError or RuntimeError for a folder that holds no whole checkpoint."""

    def __init__(self, folder: Path) -> None:
        import torch
        from safetensors import SafetensorError
        from transformers import WhisperFeatureExtractor, WhisperForConditionalGeneration, WhisperTokenizer
        from transformers.utils import logging

        logging.set_verbosity_error()
        logging.disable_progress_bar()
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._kind = torch.float16 if self._device == "cuda" else torch.float32
        here = {"local_files_only": True}
        try:
            model = WhisperForConditionalGeneration.from_pretrained(folder, dtype=self._kind, **here)
        except SafetensorError as error:
            raise ValueError(str(error)) from error
        self._model = model.to(self._device).eval()
        self._features = WhisperFeatureExtractor.from_pretrained(folder, **here)
        self._tokenizer = WhisperTokenizer.from_pretrained(folder, **here)
        self._settings = self._model.generation_config
        named = getattr(self._settings, "lang_to_id", None) or {}
        self._languages = {token[2:-2]: number for token, number in named.items()}
        self.languages = list(self._languages) or ["en"]
        added = self._tokenizer.get_added_vocab()
        self._silence = next((added[token] for token in SILENCES if token in added), None)

    def hear(self, samples: Samples, language: str, words: bool) -> tuple[list[Segment], str]:
        import torch

        heard = self._features(samples, sampling_rate=RATE, return_tensors="pt", return_attention_mask=True)
        mask = heard.attention_mask.to(self._device)
        with torch.inference_mode():
            encoded = self._model.get_encoder()(heard.input_features.to(self._device, self._kind))
            silence, likeliest = self._begin(encoded)
            language = language or likeliest
            for temperature in TEMPERATURES:
                found = self._write(encoded, mask, language, words, temperature)
                sure = self._sure(found, temperature, silence)
                if sure["avg_logprob"] >= LEAST_LOGPROB and sure["compression_ratio"] <= MOST_RATIO:
                    break
        if silence > MOST_SILENCE and sure["avg_logprob"] < LEAST_LOGPROB:
            return [], language
        told = [self._segment(one, sure, language if words else "") for one in found["segments"][0]]
        return told, language

    def _begin(self, encoded: Json) -> tuple[float, str]:
        """How likely nothing is said, and the likeliest language: what the model would write first."""
        import torch

        first = torch.tensor([[self._settings.decoder_start_token_id]], device=self._device)
        scores = self._model(encoder_outputs=encoded, decoder_input_ids=first).logits[0, 0].float()
        silence = 0.0 if self._silence is None else float(scores.softmax(-1)[self._silence])
        return silence, max(self._languages, key=lambda name: float(scores[self._languages[name]]), default="en")

    def _write(self, encoded: Json, mask: Json, language: str, words: bool, temperature: float) -> Json:
        several = {"language": language, "task": "transcribe"} if self._languages else {}
        sampled = {"do_sample": True, "temperature": temperature} if temperature else {"do_sample": False}
        return self._model.generate(
            encoder_outputs=encoded,
            attention_mask=mask,
            return_timestamps=True,
            return_segments=True,
            return_dict_in_generate=True,
            output_scores=True,
            return_token_timestamps=words,
            condition_on_prev_tokens=False,
            **sampled,
            **several,
        )

    def _sure(self, found: Json, temperature: float, silence: float) -> dict[str, float]:
        if not found["segments"][0]:
            return {"avg_logprob": 0.0, "compression_ratio": 0.0, "no_speech_prob": silence, "temperature": temperature}
        result = found["segments"][0][0]["result"]  # of all segments, as they were written in one go
        scores = result["scores"]
        written = result["sequences"][-len(scores) :]
        logprobs = [float(one.float().log_softmax(-1)[token]) for one, token in zip(scores, written, strict=True)]
        said = self._text(written).encode()
        ratio = len(said) / len(zlib.compress(said)) if said else 0.0
        told = {"avg_logprob": sum(logprobs) / max(len(logprobs), 1), "compression_ratio": ratio}
        return {**told, "no_speech_prob": silence, "temperature": temperature}

    def _segment(self, found: Json, sure: dict[str, float], language: str) -> Segment:
        """With the times of its words where their language is given."""
        start, end = float(found["start"]), float(found["end"])
        timed = self._words(found, language) if language else None
        return Segment(start, end, self._text(found["tokens"]), sure, timed)

    def _words(self, found: Json, language: str) -> list[Word]:
        """A token lasts from the end of the one before to its own; marks after a word are no part of its time."""
        ends = [min(time, float(found["end"])) for time in found["token_timestamps"].tolist()]
        words: list[tuple[float, float, list[int]]] = []
        for token, start, end in zip(found["tokens"].tolist(), [float(found["start"]), *ends], ends, strict=False):
            text = self._tokenizer.decode([token], skip_special_tokens=True)
            if not text:
                continue
            begins = text.startswith(" ") or (language in UNSPACED and PART not in text)
            if begins or not words:
                words.append((start, end, [token]))
            else:
                first, last, before = words[-1]
                words[-1] = (first, end if any(map(str.isalnum, text)) else last, [*before, token])
        return [Word(start, end, self._text(tokens)) for start, end, tokens in words]

    def _text(self, tokens: Json) -> str:
        return str(self._tokenizer.decode(tokens, skip_special_tokens=True)).strip()
