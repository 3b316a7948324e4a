"""The bugs. Each is a mistake somebody would make, in the words of the product."""

from tests.bugs.core_bugs import CORE
from tests.bugs.desk_bugs import DESK
from tests.bugs.plant import Bug

BUGS: tuple[Bug, ...] = (*CORE, *DESK)
