import re

import pytest

from llmos import models
from llmos.contracts import Attachment
from llmos.engines.llamacpp import LlamaCpp
from llmos.kernel.app import load_app
from llmos.pages.write import request
from llmos.paths import bundle_root

from .drawn import basket, contact

APP = load_app(bundle_root() / "apps" / "sketch-to-website")
TAGS = {
    "contact": "h1 form div label input label input fieldset legend label input label input label select "
    "options label input a button img",
    "basket": "title form div (h1|p) div button input button p div button button",
}


@pytest.mark.model
async def test_even_a_model_that_knows_little_writes_just_what_was_drawn():
    model = models.find("smollm2-135m")
    engine = LlamaCpp(models.installed(model) or models.pull(model), context_tokens=4096, slots=1)
    try:
        for name, drawn in (("contact", contact()), ("basket", basket())):
            asked = request(APP, drawn, Attachment(b"", "image/jpeg"), "", await engine.info())
            html = "".join([chunk.text async for chunk in engine.stream(asked)])
            tags = " ".join(re.findall(r"<(\w+)", html))
            assert re.fullmatch(TAGS[name], re.sub(r"(option ){3,5}", "options ", tags))
            assert "$ 4.50" in html or name == "contact"
    finally:
        await engine.close()
