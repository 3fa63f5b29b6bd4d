"""`llmos bench documents` on an engine that says what it is told: figures to check by hand, on a page really read."""

import json
from dataclasses import replace

import pytest

from llmos.bench.documents import answer_of, bench_documents, load_receipts, same_amount, same_day
from llmos.errors import UsageError
from llmos.testing import ScriptedEngine
from tests.drivers.image.pages import receipt


class Blind(ScriptedEngine):
    async def info(self):
        return replace(await super().info(), modalities=frozenset({"text"}))


def label(folder, name, **said):
    (folder / f"{name}.json").write_text(json.dumps(said))
    receipt().save(folder / f"{name}.png")


async def test_dates_and_totals_are_counted_and_what_is_wrong_is_shown(tmp_path):
    label(tmp_path, "a", date="14/03/2025", total="$19.55")
    label(tmp_path, "b", date="14/03/2025", total="19.55", company="left out")
    label(tmp_path, "c", date="14-03-25", total="19.55")
    said = [
        {"date": "14/03/2025", "total": "19.55"},
        {"date": "14/03/2025", "total": "20.00"},
        {"date": "14 Mar 2025", "total": "19.55"},
    ]
    engine = Blind(map(json.dumps, said))
    out = tmp_path / "out" / "documents.json"
    report = await bench_documents(load_receipts(tmp_path), engine, tmp_path / "home", out, lambda text: None)
    assert "Olive oil 500 ml | 1 | 11.90" in engine.requests[0].messages[-1].text
    counts = {name: report[name] for name in ("receipts", "dates_right", "totals_right", "both_right", "as_written")}
    assert counts == {"receipts": 3, "dates_right": 3, "totals_right": 2, "both_right": 2, "as_written": 0}
    assert [one["name"] for one in report["wrong"]] == ["b.png"]
    assert [row["total"] for row in json.loads(out.read_text())["rows"]] == ["19.55", "20.00", "19.55"]


@pytest.mark.parametrize(
    ("said", "label", "same"),
    [("19.55", "RM19.55", True), ("1,234.50", "1234.50", True), ("19.55", "19.5", False), ("", "", False),
     ("9.00", "9", True), ("1.234,50", "1234.50", True), ("none", "9.00", False)],
)  # fmt: skip
def test_amounts_are_the_same_to_the_cent(said, label, same):
    assert same_amount(said, label) is same


@pytest.mark.parametrize(
    ("said", "label", "same"),
    [("12 MAR 2018", "12 mar 2018", True), ("12/03/2018", "12 MAR 2018", True), ("06/03/2018", "03/06/2018", False),
     ("18-11-18", "18/11/2018", True), ("Oct 3, 2016", "3/10/2016", True), ("", "", False), ("x", "1/2/2018", False)],
)  # fmt: skip
def test_dates_are_the_same_day_or_the_same_words(said, label, same):
    assert same_day(said, label) is same


@pytest.mark.parametrize("text", ["", "no", "[1]", '{"total": "1"'])
def test_an_answer_that_is_no_json_says_nothing(text):
    assert answer_of(text) == {"date": "", "total": ""}


def test_a_folder_without_receipts_or_with_a_label_that_is_none_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no labelled receipt"):
        load_receipts(tmp_path)
    (tmp_path / "a.json").write_text('{"date": "1/2/2020"}')
    receipt().save(tmp_path / "a.png")
    with pytest.raises(UsageError, match="date and total"):
        load_receipts(tmp_path)
    (tmp_path / "a.json").write_text('{"date": "1/2/2020", "total": "1"}')
    (tmp_path / "a.png").unlink()
    with pytest.raises(UsageError, match="no picture beside"):
        load_receipts(tmp_path)
