"""Where the surroundings forbid bytecode beside the sources, it is kept apart: each worker would read every test anew,
with all that pytest puts into its asserts, which took longer than fifty tests."""

import sys
from pathlib import Path

if sys.dont_write_bytecode:
    sys.pycache_prefix = str(Path(__file__).parent.parent / ".pytest_cache" / "bytecode")
    sys.dont_write_bytecode = False
