"""Other services by Apprise, an optional extra: some of its services, one address from a secret, and never believed blindly.

Apprise knows some 240 kinds of addresses, among them files and any web page, and calls a message that WeCom, DingTalk or
Feishu refused a success; so only those in `SELF_HOSTED` and `CLOUD` are taken, and the three have types of their own.
It looks names up itself: the host is checked before, and its answer is not pinned as for our own channels.
"""

import logging
import threading
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from engine.rows import NoticeRow
from scheduler.outgoing import one_line
from scheduler.patience import CONNECT_S, WHOLE_S
from scheduler.resolving import RESOLVER, is_this_machine

SELF_HOSTED = frozenset(
    {"bark", "barks", "gotify", "gotifys", "mmost", "mmosts", "nctalk", "nctalks", "ntfy", "ntfys", "rocket", "rockets"}
)
"""Services at a host that the address names; only these can lead to this machine alone, as a rehearsal must."""

CLOUD = frozenset({"msteams", "pover", "slack", "tgram", "twilio", "workflows", "zulip"})
"""Services at a place of their own, where the address only says whose."""

PORTS = {"s": 443, "": 80}


class NotInstalled(Exception):
    """The optional extra is not there."""


def flaw(address: str, *, rehearsal: bool) -> str:
    """What is wrong with the *address* of a service, without telling it; empty if it may be used. Raises NotInstalled."""
    scheme, divider, _ = address.partition("://")
    if not divider or any(char.isspace() or char == "," for char in address):
        return "not one address of a service (gotify://host/token)"
    if scheme not in SELF_HOSTED | CLOUD:
        return f"the service {scheme[:20]!r} is not taken; there are: {', '.join(sorted(SELF_HOSTED | CLOUD))}"
    if rehearsal and not (scheme in SELF_HOSTED and "?" not in address and is_this_machine(_host(address))):
        return "a rehearsal tells nobody outside this machine: a self-hosted service on 127.0.0.1, without options"
    if rehearsal and getproxies() and not proxy_bypass(_host(address)):
        return f"a rehearsal tells nobody outside this machine, and a proxy is set: put {_host(address)} in no_proxy"
    return "" if _service(address) is not None else f"not a sound address of {scheme}"


def where(address: str) -> str:
    """Where a sound *address* leads, without what is secret in it."""
    scheme = address.partition("://")[0]
    return f"{scheme}://{_host(address)}" if scheme in SELF_HOSTED else scheme


class Service:
    """One service. What Apprise does not call a success has failed; nobody waits for it longer than *whole_s*."""

    def __init__(self, address: str, *, internal: bool = False, whole_s: float = WHOLE_S) -> None:
        self._address = address
        self._internal = internal
        self._whole_s = whole_s
        self._hanging: threading.Event | None = None

    def send(self, notice: NoticeRow, _campaign: str) -> str:
        """Send subject and text. Raises TimeoutError, OSError if Apprise says no: it does not tell what is final."""
        if self._hanging is not None and not self._hanging.is_set():
            raise TimeoutError("an earlier message to this service has not come to an end")
        self._check_host()
        over, said = threading.Event(), list[bool]()
        service = _service(self._address)
        if service is None:
            raise OSError("the address of the service is not sound any more")
        body = f"@{one_line(notice.recipient)}\n\n{notice.text.rstrip()}"

        def run() -> None:
            try:
                said.append(bool(service.notify(title=one_line(notice.subject), body=body)))
            except Exception:  # noqa: BLE001 - a plug-in may raise anything, with the address in it
                said.append(False)
            finally:
                over.set()

        threading.Thread(target=run, daemon=True).start()
        if not over.wait(self._whole_s):
            self._hanging = over
            raise TimeoutError(f"no end after {self._whole_s:g} s")
        if not said or not said[0]:
            raise OSError("the service did not take the message")
        return "taken by the service"

    def _check_host(self) -> None:
        scheme = self._address.partition("://")[0]
        if scheme in SELF_HOSTED:
            parts = urlsplit(self._address)
            port = parts.port or PORTS["s" if scheme.endswith("s") else ""]
            RESOLVER.addresses(_host(self._address), port, internal=self._internal)


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _leads_there(made: Any, address: str) -> bool:
    """Say whether Apprise reads the host in *address* that we read: it has readings of its own of some.

    A name alone is a topic of ntfy.sh for it, and of two ``@`` it takes the first.
    """
    if address.partition("://")[0] not in SELF_HOSTED:
        return True
    return bool(_host(address)) and str(made.host or "").strip("[]").lower() == _host(address)


def _service(address: str) -> Any:
    """What Apprise makes of *address*: no redirects, no pause, no attachments, no store; None if it makes nothing of it."""
    try:
        import apprise
    except ImportError:
        raise NotInstalled("a channel of type apprise needs an extra; do: pip install 'duban[notify]'") from None
    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it would write addresses with their secrets
    asset = apprise.AppriseAsset(async_mode=False, storage_mode="memory")
    try:
        made = apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    except (TypeError, ValueError):
        return None
    if made is None or not _leads_there(made, address):
        return None
    made.redirects = False
    made.request_rate_per_sec = 0
    made.socket_connect_timeout = made.socket_read_timeout = CONNECT_S
    return made
