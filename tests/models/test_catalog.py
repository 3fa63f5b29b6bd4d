from pathlib import Path

import pytest
from pydantic import ValidationError

from llmos.errors import ModelError, UnknownModel
from llmos.models import catalog, default_model, find
from llmos.models.catalog import parse
from tests.models.conftest import CATALOG


def test_every_model_can_be_had_from_the_hub_and_from_the_package_index():
    for model in catalog().values():
        assert model.hub
        assert bool(model.files) != bool(model.gpu_bytes)
        assert all(file.index for file in model.files)


def test_the_default_model_is_a_chat_model_of_the_catalog():
    assert default_model() is find("qwen2.5-coder-1.5b")
    assert default_model().task == "chat"
    assert default_model().bytes == 1_117_320_768


def test_an_unknown_id_names_the_nearest_or_all():
    with pytest.raises(UnknownModel, match=r"did you mean qwen2\.5-coder-1\.5b\?"):
        find("qwen2.5-coder")
    with pytest.raises(UnknownModel, match=r"choose one of .*smollm2-135m"):
        find("zzz")


def test_the_environment_may_name_another_model(monkeypatch):
    monkeypatch.setenv("LLMOS_MODEL", "smollm2-135m")
    assert default_model() is find("smollm2-135m")


def test_the_environment_may_name_a_file(monkeypatch, tmp_path):
    path = tmp_path / "mine.gguf"
    monkeypatch.setenv("LLMOS_MODEL", str(path))
    with pytest.raises(ModelError, match="LLMOS_MODEL"):
        default_model()
    path.write_bytes(b"GGUF")
    assert default_model().own == path


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "tiny.gguf"', 'name = "../tiny.gguf"'),
        ('id = "tiny"', 'id = "a/b"'),
        ('sha256 = "', 'sha256 = "0'),
        ("parts = 3", "parts = 4"),
        ("part_bytes = 40000", "part_bytes = 39000"),
        ('task = "chat"', 'task = "dance"'),
        ('licence = "MIT"', 'license = "MIT"'),
        ('default = "tiny"', 'default = "small"'),
    ],
)
def test_a_wrong_catalog_is_refused(old, new):
    assert old in CATALOG
    with pytest.raises(ValidationError):
        parse(CATALOG.replace(old, new))


def test_two_models_of_one_id_are_refused():
    with pytest.raises(ValidationError, match="twice"):
        parse(CATALOG + CATALOG.partition("\n\n")[0].partition('default = "tiny"')[2])


def test_the_table_in_the_docs_is_the_catalog():
    page = (Path(__file__).parents[2] / "docs" / "models.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert rows == [
        f"| `{model.id}` | {model.task} | {model.bytes / 1e6:.0f} | {model.context_tokens or '-'} | {model.licence} |"
        for model in catalog().values()
    ]


@pytest.mark.parametrize(
    ("gigabytes", "model"), [(0, "qwen2.5-coder-1.5b"), (12, "qwen2-vl-2b"), (80, "qwen2.5-vl-7b")]
)
def test_a_gpu_gets_the_largest_model_that_sees_and_fits(monkeypatch, gigabytes, model):
    monkeypatch.delenv("LLMOS_MODEL", raising=False)
    assert default_model(gigabytes * 10**9).id == model


def test_a_hub_id_and_a_folder_are_models_too(monkeypatch, tmp_path):
    monkeypatch.setenv("LLMOS_MODEL", "owner/name")
    assert default_model().own == Path("owner/name")
    (tmp_path / "config.json").write_text("{}")
    monkeypatch.setenv("LLMOS_MODEL", str(tmp_path))
    assert default_model().own == tmp_path
    monkeypatch.setenv("LLMOS_MODEL", str(tmp_path / "nothing"))
    with pytest.raises(ModelError, match="checkpoint's folder"):
        default_model()
