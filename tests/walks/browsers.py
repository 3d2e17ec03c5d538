"""The machine's Chromium as the walks start it: one for many contexts, or one that keeps its storage and is killed."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Playwright

from tests.run_all import SHOWN, chromium
from tests.walks.people import PATIENCE, PHONE, until

SLOWLY = 300  # milliseconds before each act that somebody watches
LEAN = Path(__file__).with_name("chromium.sh")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",  # no walk leaves this machine
)
CAMERA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=fps=5")  # one that shows no code


def the_browser() -> dict[str, Any]:
    """Which it is, for Playwright."""
    env = {**os.environ, "MUSTER_CHROMIUM": str(chromium())}
    shown = SHOWN in os.environ
    looks = {"headless": not shown, "slow_mo": SLOWLY if shown else 0}
    return {"executable_path": LEAN, "env": env, "timeout": 3 * PATIENCE * 1000, **looks}


def shows(camera: Path | None) -> list[str]:
    return [*CAMERA, *([f"--use-file-for-fake-video-capture={camera}"] if camera else [])]


@contextmanager
def a_browser(playwright: Playwright, camera: Path | None = None, *told: str) -> Iterator[Browser]:
    """For any number of people and phones: all cameras show this film; `told` are more words of its command."""
    launched = playwright.chromium.launch(**the_browser(), args=[*ARGUMENTS, *shows(camera), *told])
    yield launched
    launched.close()


def printed(address: str, folder: Path) -> bytes:
    """A page as a PDF, as Chromium prints it for anybody: with its title and address around it, if there is room."""
    file = folder / "printed.pdf"
    told = ["--headless", *ARGUMENTS, f"--user-data-dir={folder}", f"--print-to-pdf={file}", address]
    subprocess.run([str(chromium()), *told], check=True, capture_output=True, timeout=2 * PATIENCE)  # noqa: S603
    return file.read_bytes()


@contextmanager
def browser_with(playwright: Playwright, profile: Path, camera: Path | None = None) -> Iterator[BrowserContext]:
    """A Chromium that keeps its storage in this folder, so that it can be killed and started again."""
    context = playwright.chromium.launch_persistent_context(
        str(profile),
        **the_browser(),
        viewport=PHONE,  # type: ignore[arg-type]
        args=[*ARGUMENTS, *shows(camera)],
        permissions=["camera"],
    )
    try:
        yield context
    finally:
        with suppress(Exception):  # it may have been killed
            context.close()


def kill(profile: Path) -> None:
    """What a flat battery does to the browser of this profile, and to no other."""
    for process in running(profile):
        if b"--type=" not in (process / "cmdline").read_bytes():
            os.kill(int(process.name), signal.SIGKILL)
    until(lambda: not running(profile), "the end of the browser")
    for lock in profile.glob("Singleton*"):
        lock.unlink(missing_ok=True)


def running(profile: Path) -> list[Path]:
    """The processes of this profile's browser, as folders of /proc."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if str(profile).encode() in (entry / "cmdline").read_bytes():
                found.append(entry)
    return found
