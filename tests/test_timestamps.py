"""Time stamps on sealed roots, by an authority made with openssl: asked over HTTP, kept outside, verified."""

import http.server
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commandline import Office, small_office

CONF = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = {name}
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[stamp]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = one
[one]
dir = {folder}
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def authority(folder: Path) -> Path:
    """Make a root certificate and one that stamps; return the root's file."""
    folder.mkdir()
    (folder / "serial").write_text("01\n")
    for name in ("root", "stamper"):
        (folder / f"{name}.cnf").write_text(CONF.format(name=name, folder=folder))
    root = ("-config", "root.cnf", "-extensions", "ca", "-keyout", "root.key", "-out", "root.pem")
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", *root)
    openssl(
        folder,
        "req",
        "-new",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-config",
        "stamper.cnf",
        "-keyout",
        "t.key",
        "-out",
        "t.csr",
    )
    signing = (
        "-CA",
        "root.pem",
        "-CAkey",
        "root.key",
        "-CAcreateserial",
        "-extfile",
        "stamper.cnf",
        "-extensions",
        "stamp",
    )
    openssl(folder, "x509", "-req", "-in", "t.csr", "-days", "30", "-out", "t.pem", *signing)
    return folder / "root.pem"


@pytest.fixture(scope="module")
def stamper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of an authority that answers, and its root certificate."""
    folder = tmp_path_factory.mktemp("tsa") / "one"
    root = authority(folder)

    class Desk(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (folder / "q").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            words = ("-config", "stamper.cnf", "-queryfile", "q", "-inkey", "t.key", "-signer", "t.pem", "-out", "a")
            openssl(folder, "ts", "-reply", *words)
            content = (folder / "a").read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            return

    server = http.server.HTTPServer(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", root
    server.shutdown()
    server.server_close()
    thread.join()


def office_with(folder: Path, url: str) -> Office:
    places = {"KEY": folder / "key.pem", "ANCHORS": folder / "anchors", "STATE": folder / "state"}
    made = small_office(folder, TSA=url, LANG="en", **{name: str(path) for name, path in places.items()})
    made.json("audit", "key", "new")
    return made


def test_a_sealed_root_is_stamped_and_the_stamp_is_verified(stamper: tuple[str, Path], tmp_path: Path) -> None:
    url, root = stamper
    office = office_with(tmp_path, url)

    sealed = office.json("audit", "checkpoint", "--timestamp")
    said = office.json("audit", "verify", "--tsa-cert", str(root))

    assert len(sealed["timestamps"]) == 1
    assert [each["size"] for each in said["timestamps"]] == [sealed["size"]]


def test_a_stamp_of_another_authority_or_on_something_else_is_found(stamper: tuple[str, Path], tmp_path: Path) -> None:
    url, root = stamper
    office = office_with(tmp_path, url)
    office.json("audit", "checkpoint", "--timestamp")
    stranger = authority(tmp_path / "stranger")

    foreign = office("--json", "audit", "verify", "--tsa-cert", str(stranger))
    (path,) = (tmp_path / "anchors").glob("*.tsr.jsonl")
    first = path.read_text()
    office.json("--as", "alpha.head", "correct", "errand/alpha", "--fact", "urgent=false", "--reason", "漏填")
    office.json("audit", "checkpoint", "--timestamp")
    one, two = path.read_text().splitlines()
    path.write_text(one[: one.index('"tsr"')] + two[two.index('"tsr"') :] + "\n")
    swapped = office("--json", "audit", "verify", "--tsa-cert", str(root))

    assert first.strip() == one
    for ended in (foreign, swapped):
        assert {each["code"] for each in ended.json["findings"]} == {"timestamp"}


@pytest.mark.parametrize(("url", "code"), [("ftp://x", 7), ("http://127.0.0.1:1/", 8), ("", 2)])
def test_an_authority_that_does_not_answer_is_told_and_the_root_stays_sealed(
    url: str, code: int, tmp_path: Path
) -> None:
    office = office_with(tmp_path, url)

    ended = office("audit", "checkpoint", "--timestamp")

    assert ended.politely().code == code
    if url:
        assert office.json("audit", "verify")["checkpoints"] == 1
