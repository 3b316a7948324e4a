"""The bugs. Each is a mistake somebody would make, in the words of the product."""

from tests.bugs.core_bugs import CORE
from tests.bugs.desk_bugs import DESK
from tests.bugs.effect_bugs import EFFECTS
from tests.bugs.later_bugs import LATER
from tests.bugs.log_bugs import LOG
from tests.bugs.plant import Bug
from tests.bugs.shell_bugs import SHELL
from tests.bugs.worker_bugs import WORK

BUGS: tuple[Bug, ...] = (*CORE, *DESK, *LATER, *WORK, *SHELL, *LOG, *EFFECTS)
