"""What is asked of work items."""

from shared.catalogue.commands.command import Command
from shared.catalogue.commands.tickets import Text
from shared.catalogue.values import Id, TaskPurpose
from shared.clock import Ms


class TakeWork(Command):
    """Pull: the asking agent takes a waiting item, or a lead takes one for `agent`."""

    TYPE = "sanad.work.take.v1"
    SUBJECT = ("work", "work")

    work: Id
    agent: Id | None = None


class TransferWork(Command):
    """Hand an item to a team or an agent. `epoch` is the assignment the sender holds, when they hold it."""

    TYPE = "sanad.work.transfer.v1"
    SUBJECT = ("work", "work")

    work: Id
    epoch: int | None = None
    team: Id | None = None
    agent: Id | None = None


class ReleaseWork(Command):
    """Give a held item back to its queue, age kept."""

    TYPE = "sanad.work.release.v1"
    SUBJECT = ("work", "work")

    work: Id
    epoch: int | None = None


class AcceptOffer(Command):
    """The agent takes what was offered to them under this epoch."""

    TYPE = "sanad.work.accept.v1"
    SUBJECT = ("work", "work")

    work: Id
    epoch: int


class DeclineOffer(Command):
    """The agent declines what was offered to them under this epoch; the next candidate is asked."""

    TYPE = "sanad.work.decline.v1"
    SUBJECT = ("work", "work")

    work: Id
    epoch: int


class OpenTask(Command):
    """A piece of work with a due time, on a ticket or on its own.

    An `assist` asks another team for help with a live ticket, the next tier unless a team or an `owner` is named. Its
    result comes back as a note on the ticket, which stays whose it is. It is refused before the rules `assists` are in
    force: a release that does not know the purpose could read neither the command nor its facts.
    """

    TYPE = "sanad.task.open.v1"
    SUBJECT = ("work", "task")

    task: Id
    purpose: TaskPurpose
    due_at: Ms
    ticket: Id | None = None
    team: Id | None = None
    owner: Id | None = None
    note: Text = ""


class CompleteTask(Command):
    """The task is done, with its result in words: an assist's is a note on its ticket."""

    TYPE = "sanad.task.complete.v1"
    SUBJECT = ("work", "task")

    task: Id
    result: Text = ""
