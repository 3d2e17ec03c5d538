"""How we log: JSON lines when live, plain ones in rehearsal; ids and codes, never a name, address or token."""

import logging

import structlog


def set_up(*, live: bool, level: int = logging.INFO) -> None:
    last = structlog.processors.JSONRenderer() if live else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    for name in ("uvicorn.access", "uvicorn.error", "aiosmtplib", "mail.log", "tortoise"):
        logging.getLogger(name).setLevel(logging.WARNING)
