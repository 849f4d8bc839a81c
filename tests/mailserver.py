"""A real SMTP server in the process, that refuses, stalls or goes away as a test tells it."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from webserver import free_port


class Postman:
    """What the server does: *replies* to RCPT by address, *data* after the message; it keeps what it took."""

    def __init__(self, replies: dict[str, str] | None = None, data: str | None = None) -> None:
        self.replies = replies or {}
        self.data = data
        self.taken: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        reply = self.replies.get(address, "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        if self.data == "drop":
            server.transport.abort()
            return "250 never heard"
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        if self.data is not None:
            return self.data
        self.taken.append(message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        return "250 taken as 42"


def believes(password: str) -> Any:
    """An authenticator that knows one password."""

    def check(server: Any, session: Any, envelope: Any, mechanism: str, given: LoginPassword) -> AuthResult:
        return AuthResult(success=given.password == password.encode(), handled=False)

    return check


@contextmanager
def serving(postman: Postman, **options: Any) -> Iterator[int]:
    """Serve on a free port of this machine and give it."""
    port = free_port()
    controller = Controller(postman, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def certificate(folder: Path, name: str = "localhost") -> tuple[ssl.SSLContext, str]:
    """A server's context with a certificate for *name*, and the file with the authority that signed it."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    path = folder / f"authority-{name}.pem"
    authority.cert_pem.write_to_path(str(path))
    return context, str(path)
