"""Drafts sent through the console: checked, shown, proposed by one person and decided by another, over real HTTP."""

import http.client
import re
import time
from pathlib import Path

import pytest
from newversion import published, version
from visitor import Visitor
from world import SAMPLES, broken_links, counted, everything, sql

from workflows import proposing
from workflows.workspace import Workspace

CAMPAIGN = (SAMPLES / "small_campaign.yaml").read_bytes()
ERRAND = (SAMPLES / "small.yaml").read_bytes()
BESIDE = {"small_campaign.yaml": CAMPAIGN, "small.yaml": ERRAND}
MARK = "7d1f"


def send(visitor: Visitor, files: dict[str, bytes], path: str = "/campaign/drafts", **fields: str) -> tuple[int, str]:
    """Send files as a browser does."""
    parts = [
        f'--{MARK}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, content in files.items():
        head = f'--{MARK}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/yaml\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    body = b"".join(parts) + f"--{MARK}--\r\n".encode()
    said = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in visitor.cookies.items()), "Sec-Fetch-Site": "same-origin",
        "Content-Type": f"multipart/form-data; boundary={MARK}",
    }  # fmt: skip
    connection = http.client.HTTPConnection(visitor.site.hostname or "", visitor.site.port, timeout=60)
    connection.request("POST", path, body, said)
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()
    return answer.status, page


def entered(site: str, login: str) -> Visitor:
    visitor = Visitor(site)
    visitor.enter(login)
    return visitor


def changed(*pairs: tuple[str, str]) -> dict[str, bytes]:
    text = CAMPAIGN.decode()
    for was, will in pairs:
        assert was in text, was
        text = text.replace(was, will)
    return {**BESIDE, "small_campaign.yaml": text.encode()}


def propose(visitor: Visitor, files: dict[str, bytes]) -> str:
    """Send, then propose what the page carries; the address of the proposal."""
    csrf = visitor.csrf()
    code, page = send(visitor, files, csrf=csrf)
    assert code == 200, page
    pieces = re.findall(r'name="packed" value="([^"]+)"', page)
    form = page.split('name="action"')[0].rpartition("<form")[2]
    packed = re.findall(r'name="packed" value="([^"]+)"', form)
    assert packed and set(packed) <= set(pieces)
    code, page = visitor.ask(
        "/campaign/drafts", {"csrf": csrf, "packed": packed[0], "said": "改期", "action": "propose"}
    )
    assert code == 303, page
    return visitor.headers["location"]


def proved(visitor: Visitor, url: str) -> str:
    """The proposal's page when its proof is there."""
    for _ in range(300):
        _, page = visitor.ask(url)
        if "data-underway" not in page:
            return page
        time.sleep(0.2)
    raise AssertionError("the proof does not come")


def test_what_one_proposes_another_puts_in_force(workspace: Workspace, site: str) -> None:
    admin, chair = entered(site, "bgs.admin"), entered(site, "lxz.chair")
    url = propose(admin, changed(("Alpha", "Alpha renamed")))
    code, page = admin.ask(f"{url}/approve", {"csrf": admin.csrf()})
    assert code == 403 and "批准人不得是经办人本人" in page
    page = proved(chair, url)
    assert "全部已证明" in page and "批准并生效" in page and "改期" in page
    code, page = chair.ask(f"{url}/approve", {"csrf": chair.csrf()})
    assert code == 303, page
    workspace.look_again()
    assert any("Alpha renamed" in each.name.en for each in workspace.campaign.doc.bodies)
    kinds = [
        kind
        for (kind,) in sql(
            workspace.database,
            f"select kind from entry where stream = 'campaign/{workspace.campaign.code}' order by seq",
        )
    ]
    assert kinds[-3:] == ["proposed", "amended", "proposal_applied"] or set(kinds) >= {
        "proposed",
        "amended",
        "proposal_applied",
    }
    assert broken_links(workspace) == []
    assert chair.ask(f"{url}/approve", {"csrf": chair.csrf()})[0] == 409


def test_a_campaign_that_leaves_something_open_is_approved_in_production_only_with_the_box_ticked(
    workspace: Workspace, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, chair = entered(site, "bgs.admin"), entered(site, "lxz.chair")
    url = propose(
        admin, changed(("Alpha", "Alpha open"), ("roster:", "# OPEN: 名单是否照旧 · does the roster stay\nroster:"))
    )
    page = proved(chair, url)
    assert "名单是否照旧" in page and 'name="accept_open"' in page
    token = chair.csrf()
    monkeypatch.setattr(proposing, "is_production", lambda _workspace: True)

    code, page = chair.ask(f"{url}/approve", {"csrf": token})
    assert code == 422 and "名单是否照旧" in page and "勾选" in page
    assert not any("Alpha open" in each.name.en for each in workspace.campaign.doc.bodies)
    assert chair.ask(f"{url}/approve", {"csrf": token, "accept_open": "yes"})[0] == 303


def test_a_new_version_of_a_machine_goes_the_same_way(workspace: Workspace, site: str, tmp_path: Path) -> None:
    admin, chair = entered(site, "bgs.admin"), entered(site, "lxz.chair")
    path = Path(version(tmp_path))
    url = propose(admin, {path.name: path.read_bytes()})
    proved(chair, url)
    code, page = chair.ask(f"{url}/approve", {"csrf": chair.csrf()})
    assert code == 303, page
    assert "errand/matters?version=1" in chair.ask("/campaign/machines/errand")[1]
    assert 'version=2">2</a>' in chair.ask("/campaign/machines/errand")[1]


def test_a_proposal_is_rejected_only_with_a_reason_and_withdrawn_only_by_who_made_it(
    workspace: Workspace, site: str
) -> None:
    admin, chair = entered(site, "bgs.admin"), entered(site, "lxz.chair")
    url = propose(admin, changed(("Alpha", "Alpha renamed")))
    before = everything(workspace)["proposal"]
    assert chair.ask(f"{url}/reject", {"csrf": chair.csrf(), "reason": " "})[0] == 422
    assert chair.ask(f"{url}/withdraw", {"csrf": chair.csrf()})[0] == 403
    assert chair.ask(f"{url}/anything", {"csrf": chair.csrf()})[0] == 404
    assert everything(workspace)["proposal"] == before
    assert chair.ask(f"{url}/reject", {"csrf": chair.csrf(), "reason": "时间不妥"})[0] == 303
    assert "时间不妥" in admin.ask(url)[1] and "已退回" in admin.ask("/campaign/drafts")[1]
    assert admin.ask(f"{url}/withdraw", {"csrf": admin.csrf()})[0] == 409


def test_whose_office_it_is_not_proposes_nothing(site: str) -> None:
    alpha, chair = entered(site, "alpha.head"), entered(site, "lxz.chair")
    assert send(alpha, BESIDE, csrf=alpha.csrf())[0] == 403
    assert alpha.ask("/campaign/drafts")[0] == 403
    assert send(chair, BESIDE, csrf=chair.csrf())[0] == 403


def test_every_mistake_stands_beside_its_line(workspace: Workspace, site: str) -> None:
    admin, before = entered(site, "bgs.admin"), counted(workspace)
    files = changed(("remind_at:", "remind_att:"), ("part: office", "part: [office]"))
    code, page = send(admin, files, csrf=admin.csrf())
    assert code == 422 and page.count('class="flawed"') >= 2 and "remind_att" in page and "/tmp" not in page
    assert counted(workspace) == before


NESTED = b"schema: campaign/1\na: " + b"[" * 5000 + b"]" * 5000
HOSTILE = {
    "binary": {"x.yaml": bytes(range(256)) * 10},
    "ten megabytes": {"x.yaml": b"schema: campaign/1\n" + b"a: b\n" * 2_000_000},
    "aliases": {"x.yaml": b"schema: campaign/1\na: &a [x, x]\nb: [*a, *a]\n"},
    "deep": {"x.yaml": NESTED},
    "another name": {"../x.sh": b"schema: campaign/1\n"},
    "an archive": {"x.zip": b"PK\x03\x04"},
    "nothing": {"x.yaml": b""},
    "no campaign": {"x.yaml": b"hello: world\n"},
    "a way out": changed(("file: small.yaml", "file: ../../../../etc/passwd")),
    "words from elsewhere": changed(("remind_at:", "texts: /etc/passwd\nremind_at:")),
    "too many": {f"f{n}.yaml": b"a: b\n" for n in range(19)} | {"x.yaml": b"a: [\n"},
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_draft_is_refused_with_a_reason(workspace: Workspace, site: str, what: str) -> None:
    admin, before = entered(site, "bgs.admin"), counted(workspace)
    code, page = send(admin, HOSTILE[what], csrf=admin.csrf())
    assert 400 <= code < 500, what
    assert 'class="refusal"' in page and "Traceback" not in page and "root:" not in page
    assert counted(workspace) == before


def test_a_form_that_carries_nonsense_is_refused(site: str) -> None:
    admin = entered(site, "bgs.admin")
    for packed in ("nonsense", "eJwr", "", "é", "A" * 40_000):
        form = {"csrf": admin.csrf(), "packed": packed, "action": "propose"}
        assert admin.ask("/campaign/drafts", form)[0] == 422, packed


def test_live_matters_are_taken_over_when_another_person_approves(
    workspace: Workspace, site: str, tmp_path: Path
) -> None:
    published(workspace, version(tmp_path))
    admin, chair = entered(site, "bgs.admin"), entered(site, "lxz.chair")
    code, page = admin.ask("/campaign/machines/errand/migrate?to=2")
    assert code == 200 and "提交第二人批准" in page and "2 个在办事项" in page
    assert "没有需要迁移" in admin.ask("/campaign/machines/errand/migrate?to=1")[1]
    for wanted in ("", "x", "9"):
        assert admin.ask(f"/campaign/machines/errand/migrate?to={wanted}")[0] == 404
    form = {"csrf": admin.csrf(), "to": "2", "said": "统一"}
    assert admin.ask("/campaign/machines/errand/migrate", form)[0] == 303
    url = admin.headers["location"]
    assert admin.ask(f"{url}/approve", {"csrf": admin.csrf()})[0] == 403
    code, page = chair.ask(url)
    assert code == 200 and "批准并生效" in page
    assert chair.ask(f"{url}/approve", {"csrf": chair.csrf()})[0] == 303
    assert 'version=2">2</a>' in chair.ask("/campaign/machines/errand")[1]
    assert "/campaign/machines/errand/matters?version=2" in chair.ask("/campaign/machines/errand")[1]
    assert admin.ask("/campaign/machines/errand/migrate", form)[0] == 409


def test_what_is_not_proved_is_told_and_drawn_and_cannot_be_approved(workspace: Workspace, site: str) -> None:
    admin, chair = entered(site, "bgs.admin"), entered(site, "lxz.chair")
    flawed = ERRAND.decode().replace("version: 1", "version: 2")
    wrong = "invariants:\n  no_doing:\n    label: {zh: 不得在办, en: Never under way}\n"
    wrong += "    never: \"state('doing')\"\n    basis: PLACEHOLDER\n"
    assert "\ninvariants:\n" in flawed
    url = propose(admin, {"small2.yaml": flawed.replace("invariants:\n", wrong).encode()})
    page = proved(chair, url)
    assert "反例" in page and "不得在办" in page and "picture-machine" in page and "证明通过后才能批准" in page
    before = everything(workspace)
    code, page = chair.ask(f"{url}/approve", {"csrf": chair.csrf()})
    assert code == 409 and everything(workspace) == before
