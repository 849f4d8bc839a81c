"""E-mail by SMTP: TLS from the start or by STARTTLS, a login, one recipient a message, refusals told apart."""

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from email.headerregistry import Address
from email.policy import SMTP as POLICY
from typing import ClassVar, Literal

from engine.ids import NOWHERE, domain_of
from engine.rows import NoticeRow
from scheduler.channels import PermanentFailure
from scheduler.mail import address, message
from scheduler.patience import CONNECT_S, WHOLE_S, within
from scheduler.resolving import RESOLVER

GOODBYE_S = 1.0
"""Seconds that a server has to answer our farewell; the message is safe by then. PLACEHOLDER"""

PERMANENT = range(500, 600)
"""Replies of a server that will say the same again. Source: RFC 5321, section 4.2.1."""

OURS_TO_MEND = {530, 534, 535, 538}
"""Replies about our own log-in (RFC 4954, section 6): the operator mends that, so the message waits."""


@dataclass(frozen=True)
class SmtpChannel:
    """Send each notice as one e-mail to one recipient.

    *trusted* is a file with the authority that signed the server's certificate, if it is none of the system's.
    *internal*: the server is in the house's own network; else it must have a public address.
    """

    addressed: ClassVar[bool] = True
    """Nobody but its recipient reads it."""

    host: str
    port: int
    security: Literal["tls", "starttls", "none"]
    sender: Address
    login: str = ""
    password: str = ""
    trusted: str | None = None
    internal: bool = False
    whole_s: float = WHOLE_S

    def send(self, notice: NoticeRow, campaign: str) -> str:
        """Hand the notice over to the server; return its answer. Raises PermanentFailure for a refusal that is final."""
        to = address(notice.recipient, domain_of(campaign))
        if to.domain.endswith(NOWHERE):
            raise PermanentFailure(f"nobody has said at which address {notice.recipient} is reached")
        mail = message(notice, campaign, self.sender, to).as_bytes(policy=POLICY)
        addresses = RESOLVER.addresses(self.host, self.port, internal=self.internal)
        with self._session() as server, within(self.whole_s, lambda: _cut(server)):
            return self._hand_over(server, addresses[0], to, mail)

    def _hand_over(self, server: smtplib.SMTP, at: str, to: Address, mail: bytes) -> str:
        try:
            self._greet(server, at)
            server.mail(self.sender.addr_spec)
            _checked(*server.rcpt(to.addr_spec))
            return _checked(*server.data(mail))
        except smtplib.SMTPResponseException as error:
            _checked(error.smtp_code, error.smtp_error)
            raise

    def _greet(self, server: smtplib.SMTP, at: str) -> None:
        code, words = server.connect(at, self.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)
        server.ehlo()
        if self.security == "starttls":
            server.starttls(context=self._trust())
            server.ehlo()
        if self.login:
            server.login(self.login, self.password)

    @contextlib.contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """A client that is not connected yet and is closed in any case."""
        local = "localhost"  # no name of this machine goes out
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(timeout=CONNECT_S, local_hostname=local, context=self._trust())
        else:
            server = smtplib.SMTP(timeout=CONNECT_S, local_hostname=local)
        server._host = self.host  # type: ignore[attr-defined]  # what TLS checks the certificate against
        try:
            yield server
        finally:
            with contextlib.suppress(Exception):  # what was said about the message is said
                if server.sock is not None:
                    server.sock.settimeout(GOODBYE_S)
                server.quit()
            server.close()

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.trusted)


def _checked(code: int, words: bytes | str) -> str:
    """Return a good reply as text; raise PermanentFailure for a final one, else an error that is tried again."""
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    if code in range(200, 300):
        return f"{code} {said}"
    if code in PERMANENT and code not in OURS_TO_MEND:
        raise PermanentFailure(f"{code} {said}")
    raise smtplib.SMTPException(f"{code} {said}")


def _cut(server: smtplib.SMTP) -> None:
    if server.sock is not None:
        server.sock.shutdown(socket.SHUT_RDWR)
