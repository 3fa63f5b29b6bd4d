"""`llmos bench backend`, small: real kernels in processes of their own, with handlers that a scripted engine wrote."""

import json
import shutil
from itertools import chain, islice

import pytest
from click.testing import CliRunner

from llmos import show_bench
from llmos.backend.backend import Backend
from llmos.backend.compile.sandbox import Sandbox
from llmos.backend.examples import load_examples
from llmos.bench.backend.baseline import Baseline, parse
from llmos.bench.backend.bench import Sizes, bench_backend
from llmos.bench.backend.crash import bench_crash
from llmos.bench.backend.figures import percentile, percentiles
from llmos.bench.backend.inside import inside
from llmos.bench.backend.load import ROUTES, bench_load
from llmos.bench.backend.mixed import mixed
from llmos.bench.backend.modes import APPS as MEASURED
from llmos.bench.backend.modes import Counted, Limits, bench_modes, measured, request_of
from llmos.bench.backend.reference import Call, plain, reference
from llmos.bench.backend.scale import KINDS
from llmos.bench.backend.scripts import CRUD
from llmos.bench.backend.served import Served, compiled_home
from llmos.bench.backend.spec import bench_spec
from llmos.bench.backend.todo_spec import STEPS
from llmos.cli import main
from llmos.commands.bench_backend import APPS as OFFERED
from llmos.errors import AnswerError, EngineError
from llmos.state.files import digests
from llmos.testing import ScriptedEngine
from tests.backend.by_hand import APPS, Written, drivers, empty_state, nobody_thinks
from tests.bench.writer import writer, written

pytestmark = pytest.mark.timeout(120)


def quiet(text):
    """Nobody looks on."""


@pytest.fixture
def engine(monkeypatch):
    with writer() as url:
        monkeypatch.setenv("LLMOS_ENGINE_URL", url)
        yield url


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """A state folder with handlers of the bank."""
    home = tmp_path_factory.mktemp("compiled")
    with pytest.MonkeyPatch.context() as patch, writer() as url:
        patch.setenv("LLMOS_ENGINE_URL", url)
        compiled_home(home, "bank", ROUTES)
    return home


@pytest.fixture
def bank(compiled, tmp_path):
    return shutil.copytree(compiled, tmp_path / "bank")


def test_the_specification_is_met_from_cold_code_and_state_by_compiled_handlers(engine, tmp_path):
    told = bench_spec(tmp_path, 1, quiet)
    [run] = told["runs"]
    assert (told["clean"], run["failed"], run["not_compiled"]) == (1, {}, [])
    assert (run["candidates"], run["by_model"]) == (12, 0)
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_cannot_answer_fails_every_step_and_each_is_named(engine, tmp_path):
    told = bench_spec(tmp_path, 1, quiet, interpreted=True)  # this engine only writes handlers
    [run] = told["runs"]
    assert (told["clean"], run["candidates"], run["by_handlers"]) == (0, 0, 0)
    assert run["failed"].keys() == STEPS.keys()
    assert "is 502, not 201" in run["failed"]["a new todo has a url"]


def test_a_load_moves_money_without_making_any(bank):
    told = bench_load(bank, 200, 8, 1, quiet)
    assert sum(told["statuses"].values()) == 200
    assert (told["unanswered_or_5xx"], told["answered_by_model"]) == (0, 0)
    assert told["money_after"] == told["money_before"]
    assert told["transfers_acknowledged"] == told["transfers_stored"] > 100


def test_kills_lose_nothing_and_double_nothing(bank):
    told = bench_crash(bank, 2, 1, quiet)
    assert (told["lost"], told["doubled"], told["verify"]) == ([], [], [])
    assert told["money_after"] == told["money_before"]
    assert told["acknowledged"] > 0
    assert told["sent_again"] > 0


def test_sizes_are_measured_side_by_side(bank, tmp_path):
    told = bench_backend(tmp_path, ("scale",), Sizes(calls=3, documents=(4, 40)), quiet)["scale"]
    assert {kind: list(told[kind]) for kind in KINDS} == {kind: ["4", "40"] for kind in KINDS}
    assert told["write"]["4"]["to_smallest"] == 1.0


def test_a_part_that_cannot_be_measured_says_why_and_the_others_go_on(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LLMOS_ENGINE_URL", "http://127.0.0.1:9")
    told = bench_backend(tmp_path, ("scale", "load"), Sizes(), quiet)
    assert told.keys() == {"scale", "load"}
    assert all("engine" in part["not_measured"] for part in told.values())
    show_bench.backend(told)
    assert "not measured: " in capsys.readouterr().out


def test_a_killed_kernel_serves_again_at_the_same_place(bank):
    with Served(bank, "bank") as served:
        served.kill()
        served.start_again()
        assert [site["url"] for site in served.kernel().get("/status")["sites"]] == [f"{served.url}/"]


class WholeState:
    """An engine that keeps to the protocol of the baseline, right or wrong, and writes handlers; no grammar is met."""

    def __init__(self, app, spoiled=False):
        self.app, self.spoiled = app, spoiled

    def __call__(self, request):
        if request.schema is not None:
            raise EngineError("This engine interprets nothing.")
        if "Write one Python function" in request.messages[0].text:
            return written([{"role": message.role, "content": message.text} for message in request.messages])
        told = request.messages[0].text
        store = reference(self.app)
        value = json.loads(told.partition("Database state:\n")[2].partition("\n\n")[0])
        store.next_ids = value.pop("next_ids")
        store.state = value
        asked, _, body = told.partition("API call:\n")[2].partition("\n\n")[0].partition("\n")
        method, _, url = asked.partition(" ")
        path, _, query = url.removeprefix("http://bench.example").partition("?")
        pairs = dict(pair.split("=") for pair in query.split("&") if pair)
        status, answer = store.answer(Call(method, path, json.loads(body) if body else None, pairs))
        after = ({key: {} for key in store.state} if self.spoiled else store.state) | {"next_ids": store.next_ids}
        response = {"status": status, "body": answer}
        return f"{json.dumps(response)}\n!New Database State!:\n```json\n{json.dumps(after)}\n```"


@pytest.mark.parametrize("app", ["todo", "chess"])  # one without and one with a driver
async def test_every_mode_is_judged_by_the_reference(tmp_path, app):
    engine = ScriptedEngine(WholeState(app), context_tokens=100_000)
    told = (await bench_modes(engine, tmp_path, Limits(30, 60.0, 1), quiet, (app,)))["apps"][app]
    right = {"unread": 0, "wrong_statuses": 0, "wrong_bodies": 0, "wrong_states": 0}
    assert told["not_compiled"] == []
    for load in ("crud", "mixed"):
        assert {name: told["compiled"][load][name] for name in right} == right
        assert {name: told["baseline"][load][name] for name in right} == right
        assert told["compiled"][load]["tokens_a_call"] == 0 < told["baseline"][load]["tokens_a_call"]
    assert told["compiled"]["lost_updates"] == {"acknowledged": 8, "lost": 0}
    assert told["compiled"]["http"]["calls"] == 30
    assert told["interpreted"]["crud"]["wrong_statuses"] > 10  # this engine interprets nothing


async def test_a_state_that_was_spoiled_is_counted_and_put_right_before_the_next_call():
    counted = Counted(ScriptedEngine(WholeState("bank", spoiled=True), context_tokens=100_000))
    told = await measured(Baseline(counted, "A bank."), "bank", Limits(5, 60.0, 1), counted)
    assert told["crud"]["wrong_statuses"] == 0
    assert told["crud"]["wrong_states"] == 19  # the first call finds nothing that could be spoiled
    assert told["lost_updates"]["lost"] == told["lost_updates"]["acknowledged"] > 0


def test_every_shipped_backend_is_measured():
    assert sorted(MEASURED) == sorted(APPS)
    assert OFFERED == MEASURED  # without loading the benchmark


@pytest.mark.parametrize("app", MEASURED)
async def test_handlers_written_by_hand_agree_with_the_reference(app):
    state, sandbox = empty_state(app), Sandbox()
    handlers = Written(app, sandbox, state)
    backend = Backend(APPS[app], state, nobody_thinks, lambda kind, data: None, state.db.atomic, handlers, drivers)
    store = reference(app)
    for call in chain(CRUD[app], islice(mixed(app, store, seed=2), 150)):
        answer = await backend.handle(request_of(call))
        status, body = store.answer(call)
        assert (call, answer.status) == (call, status)
        assert status >= 400 or plain(json.loads(answer.body or "null")) == plain(body)
    assert plain(state.get("")) == plain(store.state)
    sandbox.close()


def examples_of(app):
    """Those whose bodies fit: what does not is turned away by the schema, before any rule. No call sends files."""
    for example in load_examples(APPS[app].folder):
        fields = (example.request.body or {}).values()
        if example.expect.status != 422 and not any(chain.from_iterable(map(digests, fields))):
            yield pytest.param(app, example, id=f"{app} {example.name}")


def fits(expected, got):
    match expected:
        case dict():
            return expected.keys() == got.keys() and all(fits(part, got[name]) for name, part in expected.items())
        case list():
            return len(expected) == len(got) and all(map(fits, expected, got))
    return expected in ("...", got)


@pytest.mark.parametrize(("app", "example"), [case for app in MEASURED for case in examples_of(app)])
def test_the_reference_answers_as_the_examples_say(app, example):
    store, asked = reference(app), example.request
    store.state |= json.loads(json.dumps(example.state))
    store.next_ids = {name: max(map(int, found), default=0) + 1 for name, found in store.state.items()}
    status, body = store.answer(Call(asked.method, asked.path, asked.body, asked.query))
    assert status == example.expect.status
    assert example.expect.body is None or status >= 400 or fits(plain(example.expect.body), plain(body))


@pytest.mark.parametrize("app", MEASURED)
def test_a_script_is_twenty_calls_that_succeed_and_are_refused(app):
    store = reference(app)
    statuses = [store.answer(call)[0] for call in CRUD[app]]
    assert len(statuses) == 20
    assert {200, 201, 404, 422} <= set(statuses)


def test_a_game_of_the_reference_ends_in_mate_and_refuses_what_is_illegal():
    store = reference("chess")
    statuses = [store.answer(call)[0] for call in CRUD["chess"][:13]]
    [mated, begun] = [game["status"] for game in store.all("games")]
    assert (mated, begun, statuses.count(409)) == ("checkmate", "playing", 2)


@pytest.mark.parametrize("app", MEASURED)
def test_a_mixed_load_is_the_same_for_the_same_seed_and_stays_small(app):
    def load():
        store = reference(app)
        for call in CRUD[app]:
            store.answer(call)
        source = mixed(app, store, seed=3)
        asked = [call for call in (next(source) for _ in range(400)) if store.answer(call)]
        return asked, max(len(documents) for documents in store.state.values())

    (first, most), (second, _) = load(), load()
    assert first == second
    assert len({call.method for call in first}) >= 2
    assert most <= 60


def test_a_transfer_of_the_reference_moves_money():
    store = reference("bank")
    for call in CRUD["bank"][:9]:
        store.answer(call)
    assert [account["balance"] for account in store.all("accounts")] == [400, 300, 0]


def test_what_a_clock_says_is_not_compared():
    assert plain([{"id": 1, "created": "now"}]) == plain([{"id": 1, "created": "then"}])


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('!API response!: {"a": 1} !New Database State!: {"b": null}', ({"a": 1}, {"b": None})),
        ("!API response!: {'a': True} !New Database State!: {'b': None}", ({"a": True}, {"b": None})),
        ("Sure!\n!API response!:\n```json\n[1]\n```\n!New Database State!:\n```\n{}\n```", ([1], {})),
    ],
)
def test_the_baseline_reads_json_and_then_python(text, read):
    assert parse(text) == read


@pytest.mark.parametrize("text", ["", '{"a": 1}', "!API response!: {} !New Database State!: {broken"])
def test_an_answer_that_the_baseline_cannot_read_is_an_error(text):
    with pytest.raises(AnswerError):
        parse(text)


async def test_an_answer_that_cannot_be_read_changes_nothing_in_the_baseline():
    baseline = Baseline(ScriptedEngine(["I cannot do that."]), "A list.")
    baseline.store({"todos": {}}, {"todos": 1})
    assert await baseline.ask(Call("GET", "/todos")) == (502, None)
    assert baseline.state() == {"todos": {}}


def test_percentiles_are_values_that_were_measured():
    assert [percentile([3, 1, 2, 4], share) for share in (50, 75, 100)] == [2, 3, 4]
    assert percentile([], 50) == 0
    assert percentiles([7]) == {"p50": 7, "p95": 7, "p99": 7}


def test_the_command_prints_for_programs_and_for_people(engine, capsys):
    said = CliRunner().invoke(main, ["bench", "backend", "--only", "load", "--requests", "20", "--json"])
    assert said.exit_code == 0, said.output
    told = json.loads(said.stdout)
    assert told["load"]["requests"] == 20
    show_bench.backend(told)
    assert "money before 100000, after 100000" in capsys.readouterr().out


async def test_what_a_compiled_handler_searches_for_is_found_by_an_index(tmp_path):
    engine = ScriptedEngine(WholeState("shop"), context_tokens=100_000)
    async with inside(tmp_path, "shop", engine) as shop:
        entry = await shop.workshop.compile(shop.app, "GET /carts/{id}")
        assert entry.standing == "live"
        statements = []
        shop.state.db.conn.set_trace_callback(statements.append)
        shop.state.find("items", "cart", 7)
        shop.state.db.conn.set_trace_callback(None)
        [search] = [said for said in statements if said.startswith("SELECT")]
        plan = shop.state.db.execute(f"EXPLAIN QUERY PLAN {search}").fetchall()
    assert "USING INDEX state_by_field_" in plan[0][3]
