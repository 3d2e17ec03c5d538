"""The only reader of the environment, and of credentials: what an installation is told from outside."""

import re
from email.utils import parseaddr
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, DirectoryPath, Field, FilePath, PositiveInt, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from .network import is_this_machine, tls_words_in

NEITHER_PROXY_NOR_TLS = (
    "MUSTER_TRUSTED_PROXY, the address of the TLS proxy in front, or MUSTER_TLS_CERTIFICATE and MUSTER_TLS_KEY: behind "
    "a proxy that is not named everybody would share one limit"
)

ONE_PROCESS = "MUSTER_WORKERS=1, or a PostgreSQL in MUSTER_DATABASE_URL: SQLite takes one process"

UNENCRYPTED_RELAY = (
    "MUSTER_SMTP_TLS, starttls or tls: emails cross no network unencrypted, but for a relay on this machine"
)

CONTACT = re.compile(r"(mailto:)?[^\s@<>:,]+@[^\s@<>:,]+\.[^\s@<>:,]+|https://[!-+.-~-]+|tel:\+[0-9-]+")


class Settings(BaseSettings):
    """Every setting, as MUSTER_<NAME> in the environment. docs/settings.md says the same in words; a test compares."""

    model_config = SettingsConfigDict(env_prefix="MUSTER_", extra="ignore")

    credentials: DirectoryPath | None = Field(
        default=None, validation_alias=AliasChoices("MUSTER_CREDENTIALS", "CREDENTIALS_DIRECTORY")
    )  # a folder, a file of which named MUSTER_<NAME> holds that setting; the second name is systemd's
    host: str = "127.0.0.1"
    port: int = 8415
    workers: PositiveInt = 1  # processes that serve side by side; more than one on PostgreSQL only
    metrics_port: int | None = Field(default=None, ge=1, le=65535)  # of 127.0.0.1, where numbers are read
    base_url: str = ""  # https://places.example.org, without a slash at the end
    database_url: str = "sqlite://var/muster.db"
    database_ca: FilePath | None = None  # who signed the certificate of a PostgreSQL on another machine
    key_file: Path = Path("var/key")
    key: SecretStr = SecretStr("")  # instead of the file; newest first, separated by commas
    data_keys: Path = Path("var/data-keys")  # a folder with the data key of each event
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_tls: str = "starttls"  # starttls, tls, or none for a relay on this machine
    emails_an_hour: PositiveInt = 10_000  # of those that people ask for, all events together: what the relay takes
    sender: str = ""  # the address that people see, e.g. "Conference places <events@example.org>"
    reply_to: str = ""  # an address that somebody reads
    bounces: str = ""  # bounces@example.org: what cannot be delivered comes back to bounces+<mark>@example.org
    dkim_selector: str = ""  # with which the relay signs
    bounces_host: str = ""  # an IMAP server, where that mailbox is looked into; always by TLS
    bounces_port: int = 993
    bounces_user: str = ""
    bounces_password: SecretStr = SecretStr("")
    bounces_folder: str = "INBOX"
    code_in_email: bool = True  # false: the ticket email carries reference and link only
    security_contact: str = ""  # who wants to hear of faults: addresses, https:// or tel:, separated by commas
    desk_networks: str = ""  # from which alone the desk opens, separated by commas; from anywhere without any
    trusted_proxy: str = ""  # address or network (10.0.0.0/8) whose X-Forwarded-For is believed
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    backup_folder: Path | None = None  # on another disk than the database
    backup_recipients: str = ""  # public keys (age1...), separated by commas
    backup_programs: Path | None = None  # the folder of pg_dump and pg_restore, where they are not found by themselves

    @field_validator("backup_folder", "backup_programs", "metrics_port", mode="before")
    @classmethod
    def none_when_empty(cls, value: object) -> object:
        return value or None

    @field_validator("base_url")
    @classmethod
    def without_path(cls, value: str) -> str:
        if not re.fullmatch(r"(https?://[^/\s?#]+)?/?", value):
            raise ValueError("it has to be an address without a path, like https://places.example.org")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def of_ours_and_without_tls_words(cls, value: str) -> str:
        if not value.startswith(("sqlite://", "postgresql://", "postgres://")):
            raise ValueError("it begins with sqlite:// or postgresql://")
        if words := tls_words_in(value):
            raise ValueError(
                f"take {', '.join(sorted(words))} out: Muster encrypts and verifies by itself, and "
                "MUSTER_DATABASE_CA names who signed the certificate"
            )
        return value

    @field_validator("smtp_tls")
    @classmethod
    def known_tls(cls, value: str) -> str:
        if value not in {"starttls", "tls", "none"}:
            raise ValueError("MUSTER_SMTP_TLS is starttls, tls or none")
        return value

    @field_validator("sender", "reply_to")
    @classmethod
    def mailable(cls, value: str) -> str:
        if value and not re.fullmatch(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+", parseaddr(value)[1]):
            raise ValueError("it has to hold an address, like Conference places <events@example.org>")
        return value

    @field_validator("bounces")
    @classmethod
    def takes_a_mark(cls, value: str) -> str:
        if value and not re.fullmatch(r"[A-Za-z0-9._+-]{1,39}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", value):
            raise ValueError("it has to be an address without a name, like bounces@example.org, with up to 39 letters")
        return value

    @field_validator("bounces_folder")
    @classmethod
    def plain_folder(cls, value: str) -> str:
        if not re.fullmatch(r"[ -~]+", value) or set(value) & {'"', "\\"}:
            raise ValueError("it is the name of a folder in plain letters, like INBOX or Returned")
        return value

    @field_validator("security_contact")
    @classmethod
    def of_contacts(cls, value: str) -> str:
        if not all(CONTACT.fullmatch(contact) for contact in _listed(value)):
            raise ValueError("it holds addresses like security@example.org, https:// pages or tel: numbers, and commas")
        return value

    @field_validator("trusted_proxy")
    @classmethod
    def network(cls, value: str) -> str:
        if value:
            ip_network(value, strict=False)
        return value

    @field_validator("desk_networks")
    @classmethod
    def networks(cls, value: str) -> str:
        for network in (listed := _listed(value)):
            ip_network(network, strict=False)
        if value and not listed:  # it would mean: from anywhere
            raise ValueError("it names no network")
        return value

    @property
    def secure(self) -> bool:
        """Whether people reach us by https: cookies then carry the __Host- prefix."""
        return self.base_url.startswith("https://")

    @property
    def security_contacts(self) -> list[str]:
        """As URIs, the first choice first. Where none is set, whoever reads the answers to our emails."""
        contacts = _listed(self.security_contact) or _listed(parseaddr(self.reply_to or self.sender)[1])
        return [contact if ":" in contact else f"mailto:{contact}" for contact in contacts]

    def missing(self) -> list[str]:
        """What `serve` cannot do without, one sentence each; the key is looked for by keys.load."""
        wanted = {
            "MUSTER_BASE_URL, the https address that people use": self.secure,
            "MUSTER_SMTP_HOST, the relay that takes our emails": self.smtp_host,
            "MUSTER_SENDER, the address that emails come from": self.sender,
            UNENCRYPTED_RELAY: self.smtp_tls != "none" or not self.smtp_host or is_this_machine(self.smtp_host),
            ONE_PROCESS: self.workers == 1 or not self.database_url.startswith("sqlite:"),
            NEITHER_PROXY_NOR_TLS: self.trusted_proxy or (self.tls_certificate and self.tls_key),
        }
        return [what for what, value in wanted.items() if not value]


def _listed(value: str) -> list[str]:
    return [part for written in value.split(",") if (part := written.strip())]


_chosen: Settings | None = None


@lru_cache(maxsize=1)
def _from_environment() -> Settings:
    """What stands in the environment counts before what stands in a file."""
    chosen = Settings()
    told: dict[str, Any] = {"_secrets_dir": chosen.credentials}
    return Settings(**told) if chosen.credentials else chosen


def current() -> Settings:
    return _chosen or _from_environment()


def choose(settings: Settings | None) -> None:
    """Uses these in place of the environment's: rehearsal and tests. None goes back."""
    global _chosen
    _chosen = settings
