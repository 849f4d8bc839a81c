"""The README and docs/ as a newcomer walks them: every command shown, in its order, in a folder of one's own."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from commandline import ROOT, Office

README, CAMPAIGNS, PRODUCTION, PROOF = (
    (ROOT / name).read_text("utf-8")
    for name in ("README.md", "docs/campaigns.md", "docs/production.md", "docs/proof.md")
)
LONG = {"rehearse", "run", "up", "try", "ack", "ID", "confirm"}
"""What is tried elsewhere: it takes its time, runs until it is ended, or needs a server or a notice of one's own."""


def chapter(heading: str) -> str:
    """A chapter of the README."""
    chapters = re.split(r"^## ", README, flags=re.MULTILINE)
    return next(each for each in chapters if each.startswith(heading + "\n"))


def walk(*texts: str, late: bool = False) -> Iterator[tuple[str, str]]:
    """Type every line of the shell blocks of *texts*, without its comment; give each command with what it printed."""
    office = Office(None)
    for block in re.findall(r"^```sh\n(.*?)^```", "\n".join(texts), re.MULTILINE | re.DOTALL):
        for line in (each.partition(" #")[0].strip() for each in block.splitlines()):
            words = shlex.split(line)
            if words[0] == "export":
                office.variables.update([words[1].split("=", 1)])
            elif words[0] == "duban" and LONG.isdisjoint(words):
                more = ["--late"] if late and words[1] == "init" else []
                ended = office(*words[1:], *more)
                assert ended.code == 0, (line, ended.err)
                yield line, ended.out


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own, with the files of the clone in reach and a campaign that was copied and edited."""
    monkeypatch.chdir(tmp_path)
    Path("workflows").symlink_to(ROOT / "workflows")
    mine = Path("workflows/campaigns/baodi-2010.yaml").read_text("utf-8").replace("code: baodi-2010", "code: my-2010")
    Path("my.yaml").write_text(mine.replace("  file: baodi-2010-notice.txt\n", ""), "utf-8")
    (channels,) = re.findall(r"^```yaml\n(schema: channels.*?)^```", PRODUCTION, re.MULTILINE | re.DOTALL)
    Path("channels.yaml").write_text(channels, "utf-8")
    (words,) = re.findall(r"^```yaml\n(schema: texts.*?)^```", CAMPAIGNS, re.MULTILINE | re.DOTALL)
    Path("words.yaml").write_text(words, "utf-8")
    for secret in ("smtp.secret", "links.key"):
        Path(secret).write_text("x" * 32)
        Path(secret).chmod(0o600)
    monkeypatch.setenv("WECOM_KEY", "x")
    return tmp_path


def test_the_first_ten_minutes_go_as_they_are_told() -> None:
    told = dict(walk(chapter("The first ten minutes")))

    assert "2010-11-25 15:00" in told["duban init --rehearsal"]
    refs = [line.split("\t")[0] for line in told["duban list --kind duty"].splitlines()[1:]]
    assert (len(refs), len({ref.split("/")[1] for ref in refs})) == (24, 22)
    assert "须由部门主要负责人办理" in told["duban can department_task/wujia"]
    assert "mobilising" in told["duban --as wujia.head do department_task/wujia acknowledge"]
    assert "2010-11-26" in told["duban deadline explain department_task/wujia plan"]
    assert "wujia.head" in told["duban notice list department_task/wujia"]
    opened = next(said for line, said in told.items() if " open case " in line)
    assert "case/2010-0001" in opened
    assert '"department_task/wujia"' in told["duban --json show department_task/wujia"]


def test_a_campaign_of_ones_own_is_checked_and_tried_out() -> None:
    told = dict(walk(chapter("Your own campaign"), CAMPAIGNS))

    assert "没有发现问题" in told["duban campaign check my.yaml"]
    assert "my-2010" in told["duban init --campaign my.yaml --rehearsal"]
    assert told["duban campaign diagram case"].startswith("stateDiagram-v2")


def test_running_it_for_real_goes_as_it_is_told(scratch: Path) -> None:
    told = dict(walk(chapter("Running it"), PRODUCTION, PROOF, late=True))

    assert "正式" in told["duban init --campaign my.yaml"]
    assert told["duban user token li.ming --scope read"].startswith("db_")
    assert told["duban audit verify --policy log.policy"].endswith("未发现问题，核验通过\n")
    assert "smtp.example:587 (starttls)" in told["duban notice channels"]
    assert "已停用 li.ming" in told["duban user disable li.ming"]
    assert (scratch / "duban.db").exists()
