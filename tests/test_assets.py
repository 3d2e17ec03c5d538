"""What we serve but did not write, and what we install: all there, no brand of GOV.UK's, no package without a hash."""

import gzip
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from hatch_build import (
    BRANDED_RULES,
    FILES,
    FONT_FOLDER,
    FONTS,
    PACKED,
    VENDOR,
    pack,
    plain_css,
    plain_js,
    survivors,
    unbranded,
)
from tests.run_all import node

ROOT = Path(__file__).resolve().parent.parent
UNPACK = "process.stdout.write(require('node:zlib').brotliDecompressSync(require('node:fs').readFileSync(0)))"
LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))
# As govuk-frontend 6.6.0 and zxing-wasm 3.1.4 publish it, cut down to one rule of each kind.
PUBLISHED_CSS = """@charset "UTF-8";:root{--govuk-brand-colour:#1d70b8;--govuk-text-colour:#0b0c0c}
/*! The font has been customised for exclusive use on gov.uk. */
@font-face{font-family:GDS Transport;src:url(/assets/fonts/light-94a07e06a1-v2.woff2) format("woff2")}
.govuk-link{font-family:GDS Transport,arial,sans-serif}.govuk-footer__crown{margin-bottom:25px}
.govuk-footer__copyright-logo:before{background-image:url(/assets/images/govuk-crest.svg)}
@media print{.govuk-header__logotype,.govuk-header{color:linktext}}.govuk-logo-dot{fill:#00ffe0}
.govuk-header__logo,.govuk-generic-header__logo{padding-top:16px}
/*# sourceMappingURL=govuk-frontend.min.css.map */"""
PUBLISHED_JS = """throw Error('GOV.UK Frontend is not supported');
load(`https://fastly.jsdelivr.net/npm/zxing-wasm@3.1.4/dist/${n[1]}/${e}`)//# sourceMappingURL=index.js.map"""


@pytest.mark.parametrize("name", FILES.values())
def test_each_asset_is_there_and_carries_no_brand(name: str) -> None:
    assert survivors((ROOT / VENDOR / name).read_text("latin-1")) == []


def test_nothing_else_is_in_the_vendor_folder() -> None:
    there = {str(path.relative_to(ROOT / VENDOR)) for path in (ROOT / VENDOR).rglob("*") if path.is_file()}
    assert there == {*FILES.values(), *PACKED.values(), ".stamp"}


def test_each_font_lies_beside_a_licence_that_lets_us_ship_it() -> None:
    fonts = sorted((ROOT / FONT_FOLDER).glob("*.ttf"))
    licences = [font.with_name(f"{font.stem.removesuffix('_Bold')}.LICENSE").read_text() for font in fonts]
    assert [font.name for font in fonts] == sorted(name for name in FONTS.values() if name.endswith(".ttf"))
    assert [licence for licence in licences if "SIL Open Font License, Version 1.1" not in licence] == []


@pytest.mark.parametrize("name", PACKED)
def test_each_that_is_served_lies_there_in_brotli_too(name: str) -> None:
    plain, packed = (ROOT / VENDOR / name).read_bytes(), (ROOT / VENDOR / PACKED[name]).read_bytes()
    assert (unpacked(packed), len(packed) < len(gzip.compress(plain, 9))) == (plain, True)


def test_a_folder_is_packed_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "own.css").write_text("p { color: red }")
    pack(tmp_path, ["own.css"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own.css", "own.css.br"]
    assert unpacked((tmp_path / "own.css.br").read_bytes()) == b"p { color: red }"


def unpacked(data: bytes) -> bytes:
    """By Node, as Python knows no brotli."""
    return subprocess.run([node() or "node", "-e", UNPACK], input=data, capture_output=True, check=True).stdout  # noqa: S603


def test_the_check_catches_the_stylesheet_as_it_is_published() -> None:
    assert survivors(PUBLISHED_CSS) == [
        "#00ffe0", "#1d70b8", "Transport", "crest", "crown", "logo-dot", "logotype", "sourceMappingURL",
        "url(/assets/fonts/light-94a07e06a1-v2.woff2)", "url(/assets/images/govuk-crest.svg)",
    ]  # fmt: skip


def test_the_check_catches_the_scripts_as_they_are_published() -> None:
    assert survivors(PUBLISHED_JS) == ["GOV.UK", "jsdelivr", "sourceMappingURL"]


def test_of_the_published_stylesheet_only_what_has_no_brand_is_kept() -> None:
    assert re.sub(r"\s+", " ", plain_css(PUBLISHED_CSS)) == (
        '@charset "UTF-8";:root{--govuk-brand-colour:#204a52;--govuk-text-colour:#0b0c0c} '
        ".govuk-link{font-family:Arial,Helvetica,sans-serif} .govuk-generic-header__logo{padding-top:16px} "
    )


def test_the_scanner_looks_for_its_decoder_beside_itself() -> None:
    assert plain_js(PUBLISHED_JS) == (
        "throw Error('govuk-frontend is not supported');\nload(new URL(`${n[1]}/${e}`, import.meta.url).href)"
    )


def test_the_build_stops_and_says_why_when_a_new_release_brings_the_brand_back() -> None:
    with pytest.raises(SystemExit, match=r"^new\.css still carries what must not be served: crown\."):
        unbranded("new.css", b".govuk-masthead{background:var(--crown)}")


def test_no_page_or_style_of_ours_borrows_the_brand() -> None:
    """govuk-frontend-jinja's header, footer and page template draw the crown: pages bring their own."""
    drawn = r"govuk_frontend_jinja/(components/(header|footer)/|template\.html)|GDS Transport|GOV\.UK|#1d70b8|#00ffe0"
    branded = re.compile(rf"{drawn}|govuk-crest|{BRANDED_RULES.pattern.removeprefix('[.]')}")
    ours = [path for path in (ROOT / "templates").rglob("*") if path.is_file() and ROOT / VENDOR not in path.parents]
    texts = {path: path.read_text() for path in ours if path.suffix in {".html", ".txt", ".css", ".js", ".mjs", ".svg"}}
    assert {
        str(path.relative_to(ROOT)): hits[0] for path, text in texts.items() if (hits := branded.search(text))
    } == {}


@pytest.mark.parametrize("name", LOCKS)
def test_each_locked_package_has_a_hash_and_no_address(name: str) -> None:
    lock = (ROOT / name).read_text()
    packages = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n?", "", lock).strip())
    assert (len(packages) > 5, [package for package in packages if "--hash=sha256:" not in package]) == (True, [])
    assert re.findall(r"\w+://\S+", lock) == []


def test_the_npm_lock_has_hashes_and_no_address_to_fetch_from() -> None:
    lock = (ROOT / "package-lock.json").read_text()
    assert lock.count('"integrity": "sha512-') == lock.count('"node_modules/')
    assert '"resolved"' not in lock


def test_the_wheel_carries_the_assets_and_the_templates(tmp_path: Path) -> None:
    """git does not know the assets, and a build leaves out what git does not know unless it is told."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)  # noqa: S603
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    folders = ("events", "registrations", "templates")
    suffixes = {".py", ".toml", ".html", ".txt", ".css", ".js", ".mjs"}
    ours = {path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in suffixes}
    assert names >= {f"{FONT_FOLDER}/{name}" for name in FONTS.values()}
    assert names >= {f"{VENDOR}/{name}" for name in (*FILES.values(), *PACKED.values())} | {
        str(path.relative_to(ROOT)) for path in ours
    }
    assert {name.split("/")[0] for name in names} == {*folders, "server.py"}
