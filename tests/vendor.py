"""The stylesheet, scripts and fonts that we did not write, as git holds them: copied from npm's lock, GOV.UK's brand
taken out. After a change of the lock or of this file, from the folder of ./run:

    .venv/bin/python -m tests.vendor
"""

import re
import shutil
import subprocess
from pathlib import Path

from tests import node_packages
from tests.run_all import ROOT, node

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
# Beside each that is served, the same in brotli: Node has it and Python has not.
PACKED = {name: f"{name}.br" for name in FILES.values() if not name.endswith("LICENSE")}
PACK = """const { readFileSync, writeFileSync } = require("node:fs"), { brotliCompressSync } = require("node:zlib");
for (const name of process.argv.slice(1)) writeFileSync(`${name}.br`, brotliCompressSync(readFileSync(name)));"""
OWN_COLOUR = "#204a52"  # where GOV.UK's brand blue stood; white on it has a contrast of 9.7
BRANDED_RULES = re.compile(r"[.]govuk-(header(?![a-z])|logo-dot|footer__crown|footer__copyright-logo)")
CDN = "`https://fastly.jsdelivr.net/npm/zxing-wasm@3.1.4/dist/${n[1]}/${e}`"
BRAND = re.compile(r"(?i:transport|crest|crown|rebrand|logotype|logo-dot|#1d70b8|#00ffe0|sourcemappingurl)|GOV\.UK")
ELSEWHERE = re.compile(r"jsdelivr|unpkg|\burl\((?!data:)[^)]*\)")


def main() -> None:
    lay(ROOT / FONT_FOLDER, copied(FONTS))
    lay(ROOT / VENDOR, {name: unbranded(name, data) for name, data in copied(FILES).items()})
    pack(ROOT / VENDOR, list(PACKED))


def copied(files: dict[str, str]) -> dict[str, bytes]:
    """As they were published, by our names."""
    node_packages.fetch()
    return {name: (node_packages.FOLDER / source).read_bytes() for source, name in files.items()}


def lay(folder: Path, files: dict[str, bytes]) -> None:
    """Puts the files there, by name, in place of all that lay there before."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def pack(folder: Path, names: list[str]) -> None:
    """As small as brotli gets it, which takes the biggest of them seconds."""
    subprocess.run([node() or "node", "-e", PACK, *names], cwd=folder, check=True)  # noqa: S603


def unbranded(name: str, data: bytes) -> bytes:
    """The file as we may serve it (GU-12: no brand outside gov.uk). Stops when anything of it is left."""
    if name.endswith(".css"):
        data = plain_css(data.decode()).encode()
    elif name.endswith(".js"):
        data = plain_js(data.decode()).encode()
    if left := survivors(data.decode("latin-1")):
        raise SystemExit(f"{name} still carries what must not be served: {', '.join(left)}. Mend tests/vendor.py.")
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
    main()
