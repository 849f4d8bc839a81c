"""Time stamps by a third party (RFC 3161) on sealed roots: what was sealed existed when the authority said so."""

import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path

from engine.errors import Invalid, Unavailable

LONGEST_ANSWER = 64 * 1024
"""Bytes of an authority's answer; a usual one has five thousand."""

TIMEOUT_S = 20.0
"""Seconds that an authority may take. PLACEHOLDER"""


def _client() -> None:
    """Raise Unavailable, saying what to install, if the library is not there."""
    try:
        import rfc3161_client  # noqa: F401
    except ImportError:
        raise Unavailable(
            "time stamps need the extra 'timestamp': pip install 'duban[timestamp]'", "no_extra"
        ) from None


def ask_stamp(url: str, content: bytes) -> bytes:
    """Have *content* stamped by the authority at *url*; return its answer. Raises Unavailable, Invalid for a refusal."""
    _client()
    from rfc3161_client import TimestampRequestBuilder, decode_timestamp_response

    if not url.startswith(("http://", "https://")):
        raise Invalid(f"not the address of a time-stamping authority: {url!r}; write https://…", "tsa")
    asked = TimestampRequestBuilder().data(content).cert_request(cert_request=True).build()
    request = urllib.request.Request(  # noqa: S310 - the scheme is looked at above
        url, asked.as_bytes(), {"Content-Type": "application/timestamp-query"}
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            given: bytes = answer.read(LONGEST_ANSWER)
    except (OSError, urllib.error.URLError) as error:
        raise Unavailable(f"the time-stamping authority {url} does not answer: {error}", "tsa") from None
    try:
        response = decode_timestamp_response(given)
    except ValueError as error:
        raise Invalid(f"the time-stamping authority {url} gave no answer of RFC 3161: {error}", "tsa") from None
    if response.status != 0:
        raise Invalid(f"the time-stamping authority {url} refuses: status {response.status}", "tsa")
    return given


def stamped_at(answer: bytes, content: bytes, root: Path) -> datetime:
    """When the authority whose root certificate is in *root* stamped *content*. Raises Invalid if it did not."""
    _client()
    from cryptography.x509 import load_pem_x509_certificates
    from rfc3161_client import VerifierBuilder, decode_timestamp_response

    try:
        certificates = load_pem_x509_certificates(root.read_bytes())
    except (OSError, ValueError) as error:
        raise Invalid(f"the certificate {root} cannot be read: {error}", "tsa_certificate") from None
    try:
        response = decode_timestamp_response(answer)
        builder = VerifierBuilder()
        for each in certificates:
            builder = builder.add_root_certificate(each)
        builder.build().verify_message(response, content)
        return response.tst_info.gen_time
    except Exception as error:  # noqa: BLE001 - the library raises several kinds; each of them means: not stamped
        raise Invalid(f"not a valid time stamp: {type(error).__name__}: {error}"[:300], "timestamp") from None
