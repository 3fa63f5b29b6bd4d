"""Going back in a talk: an earlier message is said otherwise, and what was said before can be gone back to."""

import pytest

from llmos.errors import KernelError
from llmos.kernel.process import fold
from llmos.kernel.rewind import in_effect, rewind, send_instead
from llmos.testing import ScriptedEngine
from tests.kernel.conftest import call, write_app
from tests.kernel.test_sessions import Slow, said


class Talk:
    """A session, and what waits for its answers."""

    def __init__(self, kernel, happens):
        self.kernel, self._happens = kernel, happens
        self.pid = kernel.spawn("helper", session=True).pid

    async def say(self, text, *, instead_of=None):
        """Returns the number of the message, once it is answered."""
        if instead_of is None:
            self.kernel.send(self.pid, text)
        else:
            send_instead(self.kernel, self.pid, instead_of, text)
        message = self.kernel.journal.last(self.pid, ["message.user"])
        await self.happens("process.answered", message.seq)
        return message.seq

    async def happens(self, kind, after=0):
        return await self._happens(self.kernel, self.pid, kind, after)

    def go_back(self):
        """Before the last time that it was gone back."""
        rewind(self.kernel, self.pid, self.kernel.journal.last(self.pid, ["process.rewound"]).seq)


@pytest.fixture
def talk(boot, happens, tmp_path):
    write_app(tmp_path, tools=["toy.add"], ask=["timer.wait"])

    async def begin(*answers, engine=None):
        return Talk(await boot(engine or ScriptedEngine(answers)), happens)

    return begin


async def test_a_message_said_otherwise_is_answered_as_if_the_first_had_never_been_said(talk):
    talk = await talk("Hello.", "Red.", "Old.", "Green.")
    await talk.say("hello")
    first = await talk.say("a colour")
    await talk.say("how old is it")
    await talk.say("another colour", instead_of=first)
    assert said(talk.kernel.engine) == [("user", "hello"), ("assistant", "Hello."), ("user", "another colour")]
    assert talk.kernel.process(talk.pid).result == {"text": "Green."}


async def test_it_can_be_gone_back_to_what_was_rewound(talk):
    talk = await talk("Red.", "Green.", "It was red.", "Sure.")
    first = await talk.say("a colour")
    await talk.say("another", instead_of=first)
    talk.go_back()
    second = await talk.say("which?")
    assert said(talk.kernel.engine) == [("user", "a colour"), ("assistant", "Red."), ("user", "which?")]
    rewind(talk.kernel, talk.pid, second)
    talk.go_back()  # to after that question
    await talk.say("sure?")
    assert said(talk.kernel.engine)[-3:] == [("user", "which?"), ("assistant", "It was red."), ("user", "sure?")]


async def test_going_back_from_going_back_is_where_it_was(talk):
    talk = await talk("Red.", "Green.", "It was green.")
    await talk.say("another", instead_of=await talk.say("a colour"))
    talk.go_back()
    talk.go_back()
    await talk.say("which?")
    assert said(talk.kernel.engine) == [("user", "another"), ("assistant", "Green."), ("user", "which?")]


async def test_the_next_kernel_knows_what_was_rewound(talk, boot, happens):
    talk = await talk("Red.", "Green.")
    await talk.say("another", instead_of=await talk.say("a colour"))
    talk.kernel = kernel = await boot(ScriptedEngine(["It was green."]))
    await talk.say("which?")
    assert said(kernel.engine) == [("user", "another"), ("assistant", "Green."), ("user", "which?")]
    assert fold(kernel.journal.events())[talk.pid] == kernel.process(talk.pid)


async def test_a_kernel_that_ends_before_the_new_answer_leaves_it_to_the_next(talk, boot):
    talk = await talk("Red.")
    first = await talk.say("a colour")
    send_instead(talk.kernel, talk.pid, first, "another")
    message = talk.kernel.journal.newest()
    talk.kernel = await boot(ScriptedEngine(["Green."]))
    assert (await talk.happens("process.answered", message)).data["result"] == {"text": "Green."}
    assert said(talk.kernel.engine) == [("user", "another")]


async def test_an_answer_under_way_is_stopped_when_its_message_is_said_otherwise(talk):
    talk = await talk(engine=Slow(["Short."]))
    talk.kernel.send(talk.pid, "a long story")
    message = talk.kernel.journal.last(talk.pid, ["message.user"]).seq
    await talk.happens("engine.request")
    await talk.say("a short one", instead_of=message)
    assert said(talk.kernel.engine) == [("user", "a short one")]


async def test_a_question_about_what_was_rewound_is_not_asked_any_more(talk, boot):
    talk = await talk(call("timer.wait", seconds=1), "No need.", "Never mind.")
    talk.kernel.send(talk.pid, "wait")
    message = talk.kernel.journal.last(talk.pid, ["message.user"]).seq
    await talk.happens("question.asked")
    await talk.say("do not wait", instead_of=message)
    assert talk.kernel.questions.open() == []
    assert (await boot(ScriptedEngine([]))).questions.open() == []


async def test_a_message_that_joined_an_answer_is_said_otherwise_without_making_its_call_again(talk):
    talk = await talk(call("timer.wait", seconds=1), "No.", engine=None)
    talk.kernel.send(talk.pid, "wait")
    await talk.happens("question.asked")
    talk.kernel.send(talk.pid, "and hurry")
    joined = talk.kernel.journal.last(talk.pid, ["message.user"]).seq
    await talk.say("or do not", instead_of=joined)
    assert said(talk.kernel.engine) == [("user", "wait\n\nor do not")]


async def test_pictures_and_results_that_were_rewound_are_counted_no_more(talk):
    talk = await talk(call("toy.add", a=1, b=2), "3.", "Nothing.")
    first = await talk.say("add")
    await talk.say("what did you add?", instead_of=first)
    assert said(talk.kernel.engine) == [("user", "what did you add?")]


@pytest.mark.parametrize("before", [1, 2, 10_000, 0, -5])
async def test_only_to_before_a_message_of_its_own_can_a_talk_go_back(talk, before):
    talk = await talk()
    with pytest.raises(KernelError, match="has no message"):
        rewind(talk.kernel, talk.pid, before)


async def test_a_process_that_answers_once_cannot_go_back(boot, finished, tmp_path):
    write_app(tmp_path)
    kernel = await boot(ScriptedEngine(["Done."]))
    pid = kernel.spawn("helper", "go").pid
    await finished(kernel, pid)
    with pytest.raises(KernelError, match="is no talk"):
        send_instead(kernel, pid, 2, "go elsewhere")


async def test_an_interrupted_answer_is_not_taken_for_the_one_before(talk):
    talk = await talk("Red.", "Here.")
    await talk.say("a colour")
    talk.kernel.send(talk.pid, "a story")
    talk.kernel.interrupt(talk.pid)
    await talk.say("go on")
    assert said(talk.kernel.engine) == [("user", "a colour"), ("assistant", "Red."), ("user", "a story\n\ngo on")]


def test_events_without_a_rewind_are_all_in_effect():
    assert in_effect([]) == []
