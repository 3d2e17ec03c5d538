"""The files for systemd and containers: what they start is there, no key is in them, and little is left to a thief."""

import re
import shlex
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from pydantic import SecretStr

from events.ground.settings import Settings
from server import ROOT

UNIT, COMMAND, EXAMPLE = (ROOT / "deploy" / name for name in ("muster.service", "muster", "settings.env"))
CONTAINER, IGNORED = ROOT / "Containerfile", ROOT / ".containerignore"
SECRETS = {f"MUSTER_{name.upper()}" for name, field in Settings.model_fields.items() if field.annotation is SecretStr}
ANALYZE = shutil.which("systemd-analyze")
WORST = 15  # of 100, as `systemd-analyze security` reckons it: below 20 is OK
with_systemd = pytest.mark.skipif(not ANALYZE, reason="no systemd-analyze: on Debian, apt-get install systemd")


def unit() -> dict[str, list[str]]:
    found = defaultdict[str, list[str]](list)
    for line in UNIT.read_text().splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            found[name].append(value)
    return found


def example() -> dict[str, str]:
    lines = [line for line in EXAMPLE.read_text().splitlines() if re.match("#?MUSTER_", line)]
    return dict(line.removeprefix("#").split("=", 1) for line in lines)


def test_the_secrets_are_those_that_a_setting_calls_so() -> None:
    assert {"MUSTER_KEY", "MUSTER_SMTP_PASSWORD", "MUSTER_BOUNCES_PASSWORD"} == SECRETS


def test_the_service_starts_the_server_and_its_secrets_come_as_credentials() -> None:
    said = unit()
    [start] = said["ExecStart"]
    assert start == "/srv/muster/.venv/bin/python -P -m server serve"
    assert said["ExecReload"] == []
    assert said["LoadCredential"] == ["MUSTER:/etc/muster/credentials"]
    assert said["Environment"] == []
    assert int(said["LimitNOFILE"][0]) >= 4096, "room for a thousand connections"
    assert (said["MemoryMax"], said["TasksMax"]) == (["2G"], ["512"])


def test_a_command_runs_as_the_service_does() -> None:
    assert subprocess.run(["sh", "-n", COMMAND], check=False).returncode == 0  # noqa: S603, S607
    words = shlex.split(COMMAND.read_text().partition("exec ")[2])
    said = dict(word.removeprefix("--property=").split("=", 1) for word in words if word.startswith("--property="))
    said |= {"User": words[words.index("--uid=muster")][6:], "Group": words[words.index("--gid=muster")][6:]}
    assert said == {name: unit()[name][0] for name in said}
    assert len(said) == 8
    assert {"--pty", "--pipe"} <= set(words), "the one at a terminal, the other where there is none"
    assert words[-5:] == [*unit()["ExecStart"][0].split()[:4], "$@"]


def test_the_example_of_settings_is_complete_and_holds_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    told = example()
    assert [name for name in told if name.removeprefix("MUSTER_").lower() not in Settings.model_fields] == []
    assert SECRETS & set(told) == set()
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert Settings(workers=1).missing() == []


@with_systemd
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    def verified(text: str) -> str:
        (tmp_path / "muster.service").write_text(text)
        command = [ANALYZE or "", "verify", "--man=no", str(tmp_path / "muster.service")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        return "" if done.returncode == 0 and not done.stderr else done.stderr or "failed"

    here = UNIT.read_text().replace("/srv/muster/.venv/bin/python", sys.executable)
    assert verified(here) == ""
    assert "muster.service" in verified(here.replace("ProtectHome=yes", "ProtectHome=perhaps")), "the control"


@with_systemd
def test_systemd_reckons_that_it_is_little_exposed(tmp_path: Path) -> None:
    def is_enough(text: str) -> bool:
        (tmp_path / "muster.service").write_text(text)
        command = [ANALYZE or "", "security", "--offline=true", "--no-pager", f"--threshold={WORST}"]
        done = subprocess.run(  # noqa: S603
            [*command, str(tmp_path / "muster.service")], capture_output=True, check=False
        )
        return done.returncode == 0

    assert is_enough(UNIT.read_text())
    assert not is_enough(UNIT.read_text().replace("CapabilityBoundingSet=\n", "")), "the control"


def steps() -> list[list[str]]:
    text = CONTAINER.read_text().replace("\\\n", " ")
    return [line.split(None, 1) for line in text.splitlines() if line and not line.startswith("#")]


def test_no_secret_is_in_the_image_and_nobody_in_it_is_root() -> None:
    said = steps()
    set_there = " ".join(value for name, value in said if name in {"ENV", "ARG"})
    names = set(re.findall(r"\bMUSTER_\w+(?==)", set_there))
    assert names == {"MUSTER_CREDENTIALS", "MUSTER_HOST", "MUSTER_DATA_KEYS"}
    assert [value for name, value in said if name == "USER"] == ["muster"]
    assert [name for name, _ in said].index("USER") < [name for name, _ in said].index("ENTRYPOINT")
    assert [value for name, value in said if name in {"COPY", "ADD"}] == [". .", "--from=build /srv/muster /srv/muster"]
    assert [name for name, _ in said if name == "ADD"] == []


def test_only_what_the_build_needs_goes_into_it() -> None:
    """Whatever else lies in the folder: keys, data, history."""
    lines = [line for line in IGNORED.read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "*", "nothing, but for what is named"
    named = {line.removeprefix("!") for line in lines if line.startswith("!")}
    needed = {path for path in re.findall(r'"\$root/([\w.-]+)"', (ROOT / "run").read_text()) if "$" not in path}
    assert needed >= {"hatch_build.py"}
    built = {"pyproject.toml", "hatch_build.py", "package-lock.json", "requirements-build.lock", "requirements.lock"}
    packed = {"events", "registrations", "templates", "server.py"}
    assert named == {"run", ".npmrc", "package.json"} | needed | built | packed
    assert [name for name in named if not (ROOT / name).exists()] == []
