"""What was uploaded is read by a program of its own, which has neither our keys nor our settings."""

import asyncio
import sys
from pathlib import Path

NOT_READ = 1  # as Python itself ends after a fault


async def read_apart(program: Path, content: bytes, seconds: float) -> tuple[int, bytes]:
    """How the program ended that was given this content, negative where a signal ended it, and what it said. NOT_READ
    where it took longer or would not listen."""
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", str(program), stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, env={}
    )
    try:
        said, _ = await asyncio.wait_for(child.communicate(content), seconds)
    except (TimeoutError, BrokenPipeError, ConnectionResetError):
        return NOT_READ, b""
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return child.returncode if child.returncode is not None else NOT_READ, said
