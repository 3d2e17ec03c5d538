"""Every screen of a verdict, drawn by the phone's own page: for a test, and as a sheet in colour and in grey:
python -m tests.walks.verdicts FOLDER
"""

import io
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.run_all import chromium
from tests.walks.browsers import ARGUMENTS, browser_with
from tests.walks.people import DESKTOP, DOORS_OPEN, PHONE, Organiser, new_page
from tests.walks.phone import Phone
from tests.walks.rehearsal import rehearsed

ADA: dict[str, Any] = {
    "name": "Ada Ashdown",
    "badge_name": "Ada",
    "organisation": "Lantern Advocacy",
    "badge": "Delegate",
    "tray": "A",
    "photos": False,
}
LONG = {
    "name": "Wilhelmina-Alexandrina Featherstonehaugh-Cholmondeley",
    "badge_name": "Mina F-C",
    "organisation": "Hertfordshire and Bedfordshire Partnership for Advocacy and Support",
    "badge": "Delegate",
    "tray": "F",
    "photos": False,
}
IN = {"at": "09:12", "door": "Main door"}
LIST = {"list": "09:31"}


class Scene(NamedTuple):
    """How it is described (a function of the phone's room of signs), and the answer that is."""

    name: str
    by: str
    answer: dict[str, Any]


def _scenes(by: str, *answers: dict[str, Any]) -> list[Scene]:
    return [Scene(_name(by, answer), by, answer) for answer in answers]


def _name(by: str, answer: dict[str, Any]) -> str:
    told = [f"twice {answer['twice']}"] if "twice" in answer else []
    return " ".join([by, answer["verdict"], *([answer["code"]] if "code" in answer else []), *told])


SCENES = [
    *_scenes(
        "describe",
        {"verdict": "ok", **ADA},
        {"verdict": "already_in", **ADA, **IN},
        {"verdict": "already_in", **ADA, **IN, "twice": 6},
        {"verdict": "already_in", **ADA, **IN, "twice": "lead"},
        {"verdict": "ask_lead", "reference": "HK7-4QD"},
        *({"verdict": "ask_lead", "reference": "HK7-4QD", "code": code}
          for code in ("revoked", "cancelled", "not_approved", "waitlisted")),
        {"verdict": "turned_away"},
        {"verdict": "too_early", "opens": "09:00"},
        {"verdict": "too_late", "closes": "17:00"},
        {"verdict": "unknown"},
        {"verdict": "invalid"},
        {"verdict": "undone", "way": "in"},
        {"verdict": "undo_needs_lead"},
        {"verdict": "nothing_to_undo"},
        {"verdict": "out", **ADA},
        {"verdict": "already_out", **ADA, "at": "11:02"},
        {"verdict": "came_in_elsewhere", **ADA},
        {"verdict": "not_counted", **ADA},
        {"verdict": "error", "fault": "7F3A"},
    ),
    *_scenes("describeHollow", {"verdict": "ok", **ADA}),
    *_scenes(
        "describeOffline",
        {"verdict": "ok", **ADA},
        {"verdict": "check_id", **ADA, **LIST},
        {"verdict": "old_list", **ADA, **LIST},
        {"verdict": "issued_since", **LIST},
        {"verdict": "not_on_phone", **LIST},
        {"verdict": "clock_doubted", **ADA},
        {"verdict": "not_counted", **ADA, **LIST},
        {"verdict": "already_in", **ADA, **IN},
        {"verdict": "too_early", "opens": "09:00"},
        {"verdict": "offline"},
    ),
    *_scenes("describePractice", {"verdict": "ok", **ADA}),
    *_scenes("describeFound", {"verdict": "ok", **ADA}),
]  # fmt: skip
LONGEST = [
    scene._replace(name=f"{scene.name}, long", answer=scene.answer | LONG) for scene in SCENES if "name" in scene.answer
]
DRAW = """async ([by, answer]) => {
  const folder = document.querySelector("script[type=module]").src.replace("main.mjs", "");
  const [signs, screen] = await Promise.all(["verdict-signs.mjs", "screen.mjs"].map((file) => import(folder + file)));
  window.drawing ??= new screen.Screen();
  window.drawing.clear();
  const described = signs[by](answer);
  window.drawing.verdict(described);
  return described;
}"""


def draw(page: Page, scene: Scene) -> dict[str, Any]:
    """On a phone that is scanning; as it was described."""
    described: dict[str, Any] = page.evaluate(DRAW, [scene.by, scene.answer])
    return described


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with rehearsed(DOORS_OPEN) as running, sync_playwright() as playwright, TemporaryDirectory() as profile:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        omar = Organiser.at_the_desk(new_page(browser, DESKTOP), running)
        with browser_with(playwright, Path(profile)) as context:
            sid = Phone(context.pages[0], running)
            sid.pairs(omar.makes_a_code_for("Main door"))
            sid.starts()
            for name, size in (("phone", PHONE), ("small", {"width": 320, "height": 568})):
                sid.page.set_viewport_size(size)  # type: ignore[arg-type]
                shots = []
                for scene in [*SCENES, *LONGEST]:
                    draw(sid.page, scene)
                    shots.append(Image.open(io.BytesIO(sid.page.screenshot())).convert("RGB"))
                for part in range(0, len(shots), 15):
                    sheet(shots[part : part + 15]).save(folder / f"{name}-{part // 15}.png")
                    sheet(shots[part : part + 15]).convert("L").save(folder / f"{name}-{part // 15}-grey.png")
        browser.close()


def sheet(shots: list[Image.Image], across: int = 5) -> Image.Image:
    width, height = shots[0].size
    made = Image.new("RGB", (across * (width + 12), -(-len(shots) // across) * (height + 12)), "#bbb")
    for n, shot in enumerate(shots):
        made.paste(shot, (n % across * (width + 12), n // across * (height + 12)))
    return made


if __name__ == "__main__":
    main(Path(sys.argv[1]))
