"""The channels file: read with every flaw told at once, secrets fetched from where it says, the ways out made ready."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from engine.errors import Invalid, Refused
from engine.form_errors import read_form
from engine.source import Findings, invalid
from engine.source import Path as Way
from engine.strictyaml import parse
from scheduler.channel_schema import ChannelsDoc, ChannelSpec, Secret
from scheduler.channels import Channel, ConsoleChannel, FileChannel
from scheduler.link_key import LinkKey, read_links
from scheduler.mail import real_address
from scheduler.resolving import is_this_machine
from scheduler.robots import DingTalk, Feishu, Robot, WeCom
from scheduler.secrets_of_channels import fetched
from scheduler.services import NotInstalled, Service, flaw
from scheduler.smtp import SmtpChannel
from scheduler.webhook import Webhook

KEYS = {
    "smtp": (("host", "sender"), ("port", "security", "login", "password", "ca_file", "internal")),
    "wecom": (("token",), ("url", "ca_file", "internal")),
    "dingtalk": (("token",), ("secret", "url", "ca_file", "internal")),
    "feishu": (("token",), ("secret", "url", "ca_file", "internal")),
    "webhook": (("url", "secret"), ("ca_file", "internal")),
    "apprise": (("service",), ("internal",)),
    "file": (("folder",), ()),
    "console": ((), ()),
}
"""What each type of channel needs and what it may have."""

PORTS = {"tls": 465, "starttls": 587, "none": 25}
"""The usual port by kind of security. Source: RFC 8314, sections 3.3 and 7.3; RFC 5321, section 4.5.4.2."""

ROBOTS: Mapping[str, type[Robot]] = {"wecom": WeCom, "dingtalk": DingTalk, "feishu": Feishu}

STAND_INS = {"schema": "channels/1", "default": "none"}


@dataclass(frozen=True)
class ChannelFile:
    """A sound channels file: its content and its ways out, made ready."""

    default: str
    specs: Mapping[str, ChannelSpec]
    channels: Mapping[str, Channel]
    links: LinkKey | None = None


def load_channels(path: str, now: Callable[[], datetime], *, rehearsal: bool) -> ChannelFile:
    """Read the channels file at *path*. Raises Invalid with every flaw, Refused for a way out of a rehearsal."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise Invalid(f"the channels file {path!r} cannot be read: {error.strerror}", "channels_file") from None
    source = parse(content, path)
    form = read_form(ChannelsDoc, source, STAND_INS)
    if form.doc is None:
        raise invalid(path, form.problems)
    found = Findings(form.source)
    secrets = dict(_checked(form.doc, found, rehearsal=rehearsal))
    links = read_links(form.doc.links, found)
    problems = [*form.problems, *form.telling(found.problems)]
    if problems:
        raise invalid(path, problems)
    specs = form.doc.channels
    if rehearsal:
        _refuse_outside(specs)
    made = {code: _made(spec, secrets.get(code, {}), now, durable=not rehearsal) for code, spec in specs.items()}
    return ChannelFile(form.doc.default, specs, made, links)


def _checked(doc: ChannelsDoc, found: Findings, *, rehearsal: bool) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Report what is missing, too much or unreadable; give each channel's secrets."""
    found.expect(("default",), "channel", doc.default, doc.channels)
    for code, spec in doc.channels.items():
        place: Way = ("channels", code)
        needs, may = KEYS[spec.type]
        for name in needs:
            if getattr(spec, name) is None:
                found.add(place, "missing_key", f"a channel of type {spec.type} needs '{name}'")
        for name in sorted(spec.model_fields_set - {"type", *needs, *may}):
            found.add((*place, name), "unknown_key", f"a channel of type {spec.type} has no '{name}'", key=True)
        _check_places(spec, found, place)
        secrets = dict(_secrets(spec, found, place))
        if "service" in secrets and spec.type == "apprise":
            _check_service(secrets["service"], found, (*place, "service"), rehearsal=rehearsal)
        yield code, secrets


def _check_places(spec: ChannelSpec, found: Findings, place: Way) -> None:
    if spec.sender is not None and real_address(spec.sender) is None:
        found.add(
            (*place, "sender"), "address", f"not an address: {spec.sender!r}", "write name <user@host> or user@host"
        )
    if spec.url is not None and not _is_base(spec.url):
        found.add((*place, "url"), "url", f"not an address to post to: {spec.url!r}", "write https://host/path")
    if (spec.login is None) != (spec.password is None):
        found.add(place, "inconsistent", "'login' and 'password' belong together")
    if spec.ca_file is not None and not Path(spec.ca_file).is_file():
        found.add((*place, "ca_file"), "unreadable", f"there is no file {spec.ca_file!r}")
    if spec.password is not None and spec.security == "none":
        found.add((*place, "security"), "inconsistent", "a password is not sent without TLS")


def _check_service(address: str, found: Findings, place: Way, *, rehearsal: bool) -> None:
    try:
        wrong = flaw(address, rehearsal=rehearsal)
    except NotInstalled as error:
        found.add(place, "not_installed", str(error))
        return
    if wrong:
        found.add(place, "service", wrong)


def _is_base(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0 and not parts.username
    except ValueError:
        return False


def _secrets(spec: ChannelSpec, found: Findings, place: Way) -> Iterator[tuple[str, str]]:
    for name in ("password", "token", "secret", "service"):
        said: Secret | None = getattr(spec, name)
        if said is None:
            continue
        try:
            yield name, fetched(said)
        except ValueError as error:
            found.add((*place, name), "secret", str(error))


def _made(spec: ChannelSpec, secrets: Mapping[str, str], now: Callable[[], datetime], *, durable: bool) -> Channel:
    if spec.type == "smtp":
        security = spec.security or "starttls"
        sender = real_address(spec.sender or "")
        assert sender is not None  # noqa: S101  checked above
        return SmtpChannel(
            spec.host or "", spec.port or PORTS[security], security, sender, spec.login or "", secrets.get("password", ""),
            spec.ca_file, bool(spec.internal),
        )  # fmt: skip
    if spec.type in ROBOTS:
        return ROBOTS[spec.type](
            spec.url or "", secrets["token"], secrets.get("secret", ""), now, spec.ca_file, internal=bool(spec.internal)
        )
    if spec.type == "apprise":
        return Service(secrets["service"], internal=bool(spec.internal))
    if spec.type == "webhook":
        return Webhook(spec.url or "", secrets["secret"], now, spec.ca_file, internal=bool(spec.internal))
    return FileChannel(Path(str(spec.folder)), durable=durable) if spec.type == "file" else ConsoleChannel()


def where_to(spec: ChannelSpec) -> str:
    """Where a way out leads, without its secrets."""
    if spec.type == "smtp":
        security = spec.security or "starttls"
        return f"{spec.host}:{spec.port or PORTS[security]} ({security})"
    if spec.type in ROBOTS:
        return spec.url or ROBOTS[spec.type].words.home
    return spec.url or spec.folder or ""


def _refuse_outside(specs: Mapping[str, ChannelSpec]) -> None:
    """Raise Refused if a rehearsal could tell anybody outside this machine."""
    for code, spec in specs.items():
        if spec.type in ("file", "console", "apprise"):  # services were held against that when they were read
            continue
        host = spec.host if spec.type == "smtp" else urlsplit(where_to(spec)).hostname
        if not is_this_machine(host or ""):
            raise Refused(
                f"the channel {code!r} leads to {host}: a rehearsal tells nobody outside this machine; "
                "name a test server on 127.0.0.1, or use the types file and console",
                "rehearsal_channel",
            )
