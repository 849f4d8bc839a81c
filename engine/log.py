"""The program's own log, apart from the record: JSON lines, no values of variables, no line that can be forged."""

import json
import logging
import sys
from typing import IO, Any

from loguru import logger

__all__ = ["logger", "start_log"]


def start_log(stream: IO[str] | None = None, level: str = "INFO") -> None:
    """Send the log to *stream* (stderr) as one JSON object a line, and take in what libraries log."""
    target = stream or sys.stderr
    logger.remove()
    logger.add(lambda message: _write(target, message.record), level=level, backtrace=False, diagnose=False)
    logging.basicConfig(handlers=[_Intercept()], level=logging.WARNING, force=True)


def _write(stream: IO[str], record: Any) -> None:
    line = {
        "ts": record["time"].isoformat(),
        "level": record["level"].name,
        "msg": record["message"],
        **{key: str(value) for key, value in record["extra"].items()},
    }
    if record["exception"] is not None:
        line["error"] = f"{record['exception'].type.__name__}: {record['exception'].value}"
    stream.write(json.dumps(line, ensure_ascii=False) + "\n")
    stream.flush()


class _Intercept(logging.Handler):
    """Hand what the standard library's loggers say to ours."""

    def emit(self, record: logging.LogRecord) -> None:
        logger.bind(logger=record.name).opt(exception=record.exc_info).log(
            record.levelname if record.levelname in ("WARNING", "ERROR", "CRITICAL") else "INFO",
            "{}",
            record.getMessage(),
        )
