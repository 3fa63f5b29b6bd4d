"""The turn loop: think, call a tool, think again, until the model answers. All it knows it reads from the journal."""

from llmos.contracts import ChatRequest, EngineInfo, Json, ToolInfo
from llmos.errors import (
    AnswerError,
    BudgetSpent,
    CallInterrupted,
    ContextFull,
    Denied,
    DriverError,
    KernelError,
    LlmosError,
)
from llmos.kernel.app import App
from llmos.kernel.calling import ProcessCaller, call_driver
from llmos.kernel.capabilities import Verdict, decide, grant_of, patterns_of, tool_names
from llmos.kernel.context import Context, page_chars
from llmos.kernel.conversation import Conversation
from llmos.kernel.folders import placed
from llmos.kernel.kernel import Kernel
from llmos.kernel.listening import listen, note
from llmos.kernel.offering import listed_tool, offer_tools
from llmos.kernel.reminding import reminder
from llmos.kernel.rewind import in_effect
from llmos.kernel.services.syscall import Service, Syscall
from llmos.kernel.services.table import TABLE
from llmos.kernel.syscalls import Call, call_grammar, check_arguments, parse_step, step_grammar, stored

MAX_IDENTICAL_CALLS = 3
MAX_IDENTICAL_CHOSEN = 2  # a small model with one tool before it calls that again, though it has its result
MAX_EMPTY_ANSWERS = 2
MAX_ATTEMPTS = 3
ANSWER_NOW = "Do not call a tool any more. Answer now with what you know."


async def run_chat(kernel: Kernel, pid: int, app: App) -> Json:
    """Run a chat process to its answer, `{"text": ...}`; a session goes on with each message that comes.

    Raises BudgetSpent, AnswerError, EngineError; a session tells them as its answer and waits for the next message.
    """
    turn = await Turn.begin(kernel, pid, app)
    while True:
        if turn.conversation.answered:
            await kernel.until(pid, turn.catch_up)
        try:
            async with kernel.clocks.limit(pid, app.budget.seconds - turn.conversation.spent.seconds):
                result = await turn.run()
        except LlmosError as error:
            if not kernel.process(pid).session:
                raise
            kernel.record(pid, "process.answered", {"error": str(error)})
        else:
            if not kernel.process(pid).session:
                return result
            kernel.record(pid, "process.answered", {"result": result})
        turn.catch_up()


async def look(kernel: Kernel, pid: int, *, needed: bool = True) -> Conversation:
    """The process's conversation, with each picture told in words by the image driver where that is needed."""
    info = await kernel.engine_info(pid)
    conversation = Conversation(kernel.blobs, page_chars(info))
    catch_up(kernel, pid, conversation)
    while needed and len(conversation.seen) < len(conversation.pictures):
        await _see(kernel, pid, conversation)
        catch_up(kernel, pid, conversation)
    return conversation


def catch_up(kernel: Kernel, pid: int, conversation: Conversation) -> None:
    """Take in what the journal has recorded since."""
    for event in in_effect(kernel.journal.events(pid, conversation.last_seq)):
        conversation.add(event)


class Turn:
    """One process at work: its conversation, its tools and the context they make for its engine."""

    def __init__(
        self, kernel: Kernel, pid: int, app: App, tools: list[ToolInfo], info: EngineInfo, conversation: Conversation
    ) -> None:
        self.kernel, self.pid, self.app = kernel, pid, app
        self.tools = tools
        self.conversation = conversation
        self._meet(info)

    def _meet(self, info: EngineInfo) -> None:
        """From now on think within the window of this engine."""
        told = [] if self.app.capabilities.choose else self.tools  # what is chosen is told where it was
        self._info, self._context = info, Context(self.app, told, self.kernel.seat(self.pid).engine, info)

    @classmethod
    async def begin(cls, kernel: Kernel, pid: int, app: App) -> "Turn":
        names = [] if app.capabilities.choose else tool_names(app)
        tools = [await listed_tool(kernel, name, pid) for name in names]
        info = await kernel.engine_info(pid)
        conversation = Conversation(kernel.blobs, page_chars(info))
        turn = cls(kernel, pid, app, tools, info, conversation)
        turn.catch_up()
        return turn

    @property
    def offered(self) -> list[ToolInfo]:
        """The app's tools, and the one that turns pages once there are any; a small model would try it on anything."""
        return [*self.tools, TABLE["result.page"].tool] if self.conversation.paged else self.tools

    def catch_up(self) -> bool | None:
        """True when there is something to answer."""
        catch_up(self.kernel, self.pid, self.conversation)
        return None if self.conversation.answered else True

    async def run(self) -> Json:
        """Think and call until the model answers."""
        if not self.conversation.text.strip() and not (self.conversation.pictures or self.conversation.recordings):
            raise AnswerError(f'Nothing was asked; say it: llmos run {self.app.name} "...", or pipe it in.')
        num_empty = 0
        while True:
            await self._look()
            await self._choose()
            if self.conversation.step is None:
                self._require_budget()
                await self._think()
                self.catch_up()
            step = parse_step(self.conversation.step or "", self.offered)
            if isinstance(step, Call):
                await self._serve(step)
                self.catch_up()
            elif step.text:
                return {"text": step.text} | ({"cut": True} if self.conversation.cut else {})
            else:
                num_empty += 1
                if num_empty >= MAX_EMPTY_ANSWERS:
                    raise AnswerError("The model answered nothing; say it in other words, or use a larger model.")
                self.conversation.step = None

    async def _look(self) -> None:
        while "image" not in self._info.modalities and len(self.conversation.seen) < len(self.conversation.pictures):
            await _see(self.kernel, self.pid, self.conversation, self.app.model.eyes)
            self.catch_up()
        while await self._listen():
            self.catch_up()

    async def _choose(self) -> None:
        """Offer the tools that the newest message or result is likely to need, where the app says so."""
        if not self.app.capabilities.choose:
            return
        await offer_tools(self.kernel, self.pid, self.app, self.conversation)
        self.catch_up()
        self.tools = [await listed_tool(self.kernel, name, self.pid) for name in self.conversation.offered]

    async def _listen(self) -> bool:
        """Hear the next recording, or note the next part of one that is long; False when all has been heard."""
        heard, recordings, size = self.conversation.heard, self.conversation.recordings, self.conversation.page_chars
        if heard and not heard[-1].told:
            await note(self.kernel, self.pid, heard[-1], size)
        elif len(heard) < len(recordings):
            await listen(self.kernel, self.pid, recordings, len(heard) + 1, size)
        else:
            return False
        return True

    async def _think(self) -> None:
        await self._meet_engine()
        await self._compact()
        try:
            await self._ask()
        except ContextFull:  # a template or a picture cost more than was counted
            await self._compact(force=True)
            await self._ask()

    async def _ask(self) -> None:
        settings, must_answer = self.app.model, self._must_answer()
        request = ChatRequest(
            self._context.messages(self.conversation, note=ANSWER_NOW if must_answer else self._note),
            max_tokens=await self._context.answer_tokens(self.conversation),
            temperature=settings.temperature,
            schema=None if self._may_call else self.app.answer_schema,
            grammar=self._grammar(must_answer) if self._may_call and self._info.grammars else None,
        )
        await self.kernel.think(self.pid, request, self.kernel.priority(self.pid))

    @property
    def _note(self) -> str:
        wanted = self.app.model.remind or self.conversation.remind
        return reminder(self.conversation, self.offered) if wanted else ""

    async def _meet_engine(self) -> None:
        """Think within the window of the engine that is there now: a person may have switched its model."""
        info = await self.kernel.engine_info(self.pid)
        if info != self._info:
            self._meet(info)
            for entry in self.conversation.entries:
                entry.num_tokens = None

    @property
    def _may_call(self) -> bool:
        """Whether the model may call tools, or has seen calls that it could take for answers."""
        return bool(self.offered or self.conversation.ever_worked)

    def _grammar(self, must_answer: bool) -> str:
        said, offered = self.conversation, self.offered
        call_first = not said.worked if self.app.capabilities.first else said.call_first and not said.calls
        if call_first and offered and not must_answer:
            return call_grammar(offered)
        return step_grammar(offered, must_answer=must_answer)

    async def _compact(self, *, force: bool = False) -> None:
        async def summarize(request: ChatRequest) -> str:
            return await self.kernel.think(self.pid, request, self.kernel.priority(self.pid), purpose="compact")

        compacted = await self._context.fit(self.conversation, summarize, force=force)
        if compacted is not None:
            text, upto = compacted
            self.kernel.record(self.pid, "context.compacted", {"upto": upto, "text": text})
            self.catch_up()

    async def _serve(self, call: Call) -> None:
        """Carry out the model's call. What is wrong with it, or what the driver refuses, is told to the model."""
        self._require_progress()
        if call.tool not in {*tool_names(self.app), *(tool.name for tool in self.offered)}:
            raise Denied(
                f"The app {self.app.name} may not use {call.tool}; to allow it, add it to [capabilities] tools"
                " in its app.toml."
            )
        tool = await listed_tool(self.kernel, call.tool, self.pid)
        if self.conversation.intent is not None:  # it may have happened: a driver that does not start ends the process
            tool = await self._as_it_is_now(tool, call)
        try:
            call = await self._allowed(tool, call)
            if (real := await self._as_it_is_now(tool, call)) != tool:
                call = await self._allowed(real, call)
            await self._carry_out(real, call)
        except (AnswerError, DriverError) as error:
            failed = {"tool": call.tool, "by": "model", "source": f"driver {call.tool}", "error": str(error)}
            self.kernel.record(self.pid, "syscall.result", failed)

    async def _allowed(self, tool: ToolInfo, call: Call) -> Call:
        """The call with its paths as drivers need them. Raises AnswerError, Denied."""
        check_arguments(tool, call, len(self.conversation.pictures), len(self.conversation.recordings))
        call = Call(call.tool, placed(tool.resource, call.arguments, patterns_of(self.app, tool, self._granted())))
        await self._require_consent(tool, call)
        return call

    async def _as_it_is_now(self, tool: ToolInfo, call: Call) -> ToolInfo:
        """What the driver that will serve the call says of its tool, which may have changed since it was listed."""
        if tool.name in TABLE:
            return tool
        caller = ProcessCaller(self.kernel, self.pid, tool, call.arguments, self._granted())
        return await self.kernel.drivers.tool(tool.name, caller)

    async def _carry_out(self, tool: ToolInfo, call: Call) -> None:
        """Make the call. One that is interrupted is made again if that is safe; else a person says what came of it."""
        for attempt in range(MAX_ATTEMPTS):
            if await self._settled_by_hand(tool, call):
                return
            try:
                await self._effect(tool, call)
            except CallInterrupted:
                if attempt + 1 == MAX_ATTEMPTS:
                    raise
                self.catch_up()
            else:
                return

    async def _require_consent(self, tool: ToolInfo, call: Call) -> None:
        """Raises Denied, for the model to read, when neither the manifest nor a person allows the call."""
        if tool.name == "result.page" or self.conversation.intent is not None:
            return
        if decide(self.app, tool, call.arguments, self._granted()) is Verdict.ALLOWED:
            return
        grant = grant_of(tool, call.arguments)
        choice = await self._choice("consent", call, grant, f"May {self.app.name} use {grant}?")
        if choice == "no":
            raise Denied(f"The user does not allow {grant}; go on without it.")

    def _granted(self) -> list[str]:
        """What people have allowed beyond the manifest."""
        return [*self.conversation.granted, *self.kernel.questions.granted(self.app.name)]

    async def _settled_by_hand(self, tool: ToolInfo, call: Call) -> bool:
        """Whether a person said what became of a call that the end of a kernel interrupted."""
        repeatable = tool.read_only or tool.idempotent or tool.name in TABLE
        if self.conversation.intent is None or repeatable:
            return False
        grant = grant_of(tool, call.arguments)
        asked = f"{grant} was interrupted and may have happened already. Look, then say which."
        choice = await self._choice("interrupted", call, grant, asked)
        if choice == "repeat":
            return False
        if choice == "stop":
            raise KernelError(f"{call.tool} was interrupted and the user stopped the process.")
        told = {
            "tool": call.tool,
            "by": "model",
            "source": "user",
            "result": "The user says that the call took effect.",
        }
        self.kernel.record(self.pid, "syscall.result", told)
        return True

    async def _choice(self, about: str, call: Call, grant: str, text: str) -> str:
        """A person's answer to a question about this call, asked once however often the kernel restarts."""
        conversation = self.conversation
        if conversation.question is None or conversation.question.data["about"] != about:
            self.kernel.questions.ask(self.pid, about, call.tool, call.arguments, grant, text)
            self.catch_up()

        def chosen() -> str | None:
            self.catch_up()
            return conversation.choice or None

        return await self.kernel.until(self.pid, chosen)

    async def _effect(self, tool: ToolInfo, call: Call) -> None:
        service = TABLE.get(tool.name)
        if service is None:
            await self._drive(tool, call)
            return
        syscall = self._begin(service, call)
        await service.serve(syscall)

    def _begin(self, service: Service, call: Call) -> Syscall:
        conversation = self.conversation
        intent = conversation.intent
        if intent is None:
            data = {"tool": call.tool, "arguments": call.arguments, "by": "model", "waiting_on": service.waiting_on}
            intent = self.kernel.record(self.pid, "syscall.intent", data)
            self.catch_up()
        size = conversation.page_chars
        return Syscall(self.kernel, self.pid, self.app, call.arguments, intent, size, conversation.child)

    async def _drive(self, tool: ToolInfo, call: Call) -> None:
        if self.conversation.intent is None or self.conversation.choice == "repeat":
            data = {"tool": call.tool, "arguments": call.arguments, "by": "model"}
            self.kernel.record(self.pid, "syscall.intent", data)
        said, granted = self.conversation, self._granted()
        result = await call_driver(self.kernel, self.pid, tool, call.arguments, said.pictures, said.recordings, granted)
        source = f"driver {call.tool}" + (f", {result.source}" if result.source else "")
        outcome: dict[str, Json] = {"tool": call.tool, "by": "model", "source": source}
        if result.attachments:
            outcome["attachments"] = self.kernel.keep(result.attachments)
        held = stored(result.value, self.kernel.blobs, self.conversation.page_chars)
        self.kernel.record(self.pid, "syscall.result", outcome | held)

    def _require_budget(self) -> None:
        spent, budget = self.conversation.spent, self.app.budget
        if spent.steps >= budget.steps or spent.tokens >= budget.tokens or spent.syscalls > budget.syscalls:
            raise BudgetSpent(
                f"{self.app.name} spent its budget ({spent.steps} steps, {spent.tokens} tokens, {spent.syscalls} calls)"
                " without an answer; ask for less, or raise [budget] in its app.toml."
            )

    def _must_answer(self) -> bool:
        """Whether only an answer helps now: the model runs in circles, or this is the last step it has."""
        same = MAX_IDENTICAL_CHOSEN if self.app.capabilities.choose else MAX_IDENTICAL_CALLS
        stuck = any(count >= same for count in self.conversation.calls.values())
        return bool(self.tools) and (stuck or 1 < self.app.budget.steps <= self.conversation.spent.steps + 1)

    def _require_progress(self) -> None:
        """Stop a model that asks for the same thing again and again, rightly or wrongly spelled."""
        step = self.conversation.step or ""
        if self.conversation.calls[step] >= MAX_IDENTICAL_CALLS:
            raise AnswerError("The model made the same call again and again; say it in other words.")


async def _see(kernel: Kernel, pid: int, conversation: Conversation, eyes: str = "image.see") -> None:
    """Let a driver, mostly that of images, tell the next picture that has not been told yet."""
    number = len(conversation.seen) + 1
    told: dict[str, Json] = {"tool": eyes, "by": "kernel", "source": f"driver {eyes}"}
    try:
        tool = await kernel.drivers.tool(eyes)
        if not tool.read_only:
            raise Denied(f"{eyes} may change something, so it cannot tell pictures; name another under [model] eyes.")
        intent = {"tool": tool.name, "arguments": {"image": number}, "by": "kernel"}
        kernel.record(pid, "syscall.intent", intent)
        seen = await call_driver(kernel, pid, tool, {"image": number}, conversation.pictures)
        told["result"] = seen.value
    except DriverError as error:
        if not conversation.is_result(number):
            raise
        told["error"] = f"it cannot be shown: {error}"
    kernel.record(pid, "syscall.result", told)
