"""When the libraries of shells are loaded."""

import subprocess
import sys

from tests.architecture.tree import ROOT


def test_a_shell_that_is_made_has_its_library_loaded_before_anybody_watches_the_loop() -> None:
    """Imported later, within the loop, it blocked it for half a minute where fifteen processes shared a core."""
    made = "from shared.shells.faust_shell import FaustShell; import sys; before = 'faust' in sys.modules"
    told = f"{made}; FaustShell(None, None); print(before, 'faust' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "True"]
