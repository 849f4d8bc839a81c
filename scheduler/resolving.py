"""Looking up names: bounded in time, once a message, and never into a network that the channel does not say it is in."""

import socket
import threading
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

RESOLVE_S = 3.0
"""Seconds to look up a name. The system's resolver may take half a minute and cannot be interrupted. PLACEHOLDER"""

GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that is given out for use in public. Source: RFC 4291, section 2.4; IANA IPv6 Address Space."""

NAT64 = IPv6Network("64:ff9b::/96")
"""Before addresses of the old kind. Source: RFC 6052, section 2.1."""

LookUp = Callable[[str, int], Sequence[str]]


class NotOutside(OSError):
    """A name that leads into this machine or its network, where the channel does not say so."""


def system_look_up(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver; it may take as long as it likes."""
    found: Sequence[Any] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]).partition("%")[0] for each in found))


class _Lookup:
    """One look-up, in a thread of its own that nobody waits for longer than he wants to."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.given_up = False
        self.found: Sequence[str] = ()
        self.error: OSError | None = None


class Resolver:
    """Look names up within *seconds*. While a name hangs nobody else waits for it: who asks again is refused at once."""

    def __init__(self, look_up: LookUp = system_look_up, seconds: float = RESOLVE_S) -> None:
        self.look_up = look_up
        self.seconds = seconds
        self._lock = threading.Lock()
        self._running: dict[tuple[str, int], _Lookup] = {}

    def addresses(self, host: str, port: int, *, internal: bool = False) -> Sequence[str]:
        """The addresses of *host*, to be used as they are: no second look-up, which might answer otherwise.

        *internal*: the channel says that its host is in the house's own network. What the operator wrote as this very
        machine is. Raises TimeoutError, OSError for a name that is not known, NotOutside.
        """
        if literal(host):
            found: Sequence[str] = [host]
        else:
            found = self._looked_up(host, port)
        if not (internal or is_this_machine(host)):
            inside = [each for each in found if not _is_public(each)]
            if inside:
                raise NotOutside(
                    f"{host} leads to {inside[0]}, which is no public address; if that is right, say internal: true"
                )
        return found

    def _looked_up(self, host: str, port: int) -> Sequence[str]:
        with self._lock:
            lookup = self._running.get((host, port))
            if lookup is None:
                lookup = self._running[host, port] = _Lookup()
                threading.Thread(target=self._run, args=(host, port, lookup), daemon=True).start()
            elif lookup.given_up:
                raise TimeoutError(f"the name {host} is still being looked up since an earlier message")
        if not lookup.over.wait(self.seconds):
            lookup.given_up = True
            raise TimeoutError(f"the name {host} was not found within {self.seconds:g} s")
        if lookup.error is not None:
            raise OSError(f"the name {host} cannot be looked up: {lookup.error}") from lookup.error
        if not lookup.found:
            raise OSError(f"the name {host} has no address")
        return lookup.found

    def _run(self, host: str, port: int, lookup: _Lookup) -> None:
        try:
            lookup.found = self.look_up(host, port)
        except (OSError, UnicodeError) as error:
            lookup.error = error if isinstance(error, OSError) else OSError(str(error))
        finally:
            with self._lock:
                self._running.pop((host, port), None)
            lookup.over.set()


RESOLVER = Resolver()
"""That of the process: all channels share it, so that a name that hangs is known to hang."""


def connect(addresses: Sequence[str], port: int, timeout_s: float) -> socket.socket:
    """Connect to the first of *addresses* that answers. Raises the last error."""
    failure: OSError = OSError("no address")
    for each in addresses:
        try:
            return socket.create_connection((each, port), timeout_s)
        except OSError as error:
            failure = error
    raise failure


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """The address that *host* is itself, if it is one."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_this_machine(host: str) -> bool:
    """Whether *host*, as it is written, is this machine."""
    address = literal(host)
    return host == "localhost" if address is None else address.is_loopback


def _is_public(address: str) -> bool:
    found = literal(address)
    if isinstance(found, IPv6Address):
        inner = _carried(found)
        if inner is None:
            return found in GLOBAL_UNICAST and found.is_global
        found = inner
    return found is not None and found.is_global and not found.is_multicast


def _carried(address: IPv6Address) -> IPv4Address | None:
    """The address of the old kind that *address* leads to through a translator or a tunnel."""
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
