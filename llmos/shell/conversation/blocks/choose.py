"""Which widget shows an item."""

from __future__ import annotations

from llmos.shell.conversation.blocks.answer import AnswerBlock
from llmos.shell.conversation.blocks.asked import AskedBlock
from llmos.shell.conversation.blocks.block import Block
from llmos.shell.conversation.blocks.called import CalledBlock
from llmos.shell.conversation.blocks.others import FinishedBlock, NoteBlock, TroubleBlock
from llmos.shell.conversation.blocks.said import SaidBlock
from llmos.shell.conversation.items import Answer, Asked, Called, Finished, Item, Note, Said, Trouble
from llmos.shell.link import Link


def block_of(item: Item, link: Link) -> Block:
    match item:
        case Said():
            return SaidBlock(item, link)
        case Answer():
            return AnswerBlock(item)
        case Called():
            return CalledBlock(item, link, expanded=item.by == "person")
        case Asked():
            return AskedBlock(item)
        case Trouble():
            return TroubleBlock(item)
        case Finished():
            return FinishedBlock(item)
        case Note():
            return NoteBlock(item)
        case _:
            raise TypeError(type(item))
