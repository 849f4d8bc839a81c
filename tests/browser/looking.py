"""What is wrong with a page as it stands: for eyes, for readers of screens, for the keyboard, for a telephone.

Each check returns its findings as lines, nothing found as an empty list: ``assert serious(page) == []``. They reach
the page as its browser's tools do, so its content security policy stays as strict as it is. They need JavaScript: look
with ``page`` or ``phone``, not with ``plain``.
"""

from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page

AXE = Path(__file__).parent / "vendor" / "axe.min.js"

GRAVE = ("serious", "critical")

MOST_TABS = 300
"""Controls of a page that are walked through at most: of thousands in a list the rest are like the first."""

MOST_STOPS = 8
"""Stops of Tab within one control: a day and time has the most."""

CONTROLS = {
    "button", "checkbox", "combobox", "link", "listbox", "menuitem", "menuitemcheckbox", "menuitemradio", "option",
    "radio", "searchbox", "slider", "spinbutton", "switch", "tab", "textbox", "DisclosureTriangle", "Date", "DateTime",
    "InputTime", "ColorWell",
}  # fmt: skip
"""Roles, as Chromium's accessibility tree has them, of what a person operates."""

# In a picture the words on a mark are cut to its width, and its name says them whole.
RUN_AXE = """async () => {
  const {violations} = await axe.run(document, {preload: false, resultTypes: ['violations']});
  const drawn = node => document.querySelector(node.target[0])?.closest('svg');
  const kept = (id, nodes) => id === 'label-content-name-mismatch' ? nodes.filter(node => !drawn(node)) : nodes;
  return violations.map(({id, impact, help, nodes}) => ({id, impact, help, nodes: kept(id, nodes).map(node => node.html)}));
}"""

MARK_CONTROLS = """() => {
  const able = 'a[href], button, input, select, textarea, summary, iframe, [contenteditable], [role=button], ' +
    '[role=link], [role=checkbox], [role=switch], [role=combobox], [role=textbox], [tabindex]:not([tabindex="-1"])';
  const seen = element => element.checkVisibility({checkVisibilityCSS: true}) && !element.matches(':disabled, [inert] *');
  const radios = new Set();
  const wanted = [...document.querySelectorAll(able)].filter(element => {
    if (element.type === 'hidden' || !seen(element)) return false;
    if (element.type !== 'radio' || !element.name) return true;
    const group = (element.form ? [...document.forms].indexOf(element.form) : '') + ':' + element.name;
    return !radios.has(group) && radios.add(group);
  });
  window.dubanLook = element => {
    const style = getComputedStyle(element), said = ['outline', 'boxShadow', 'backgroundColor', 'textDecoration'];
    return said.concat(['borderColor', 'borderWidth', 'color']).map(name => style[name]).join('|');
  };
  window.dubanSays = element => element.outerHTML.replace(/\\s+/g, ' ').slice(0, 160);
  window.dubanTold = element => {
    if (element.type !== 'radio' || !element.name) return wanted.indexOf(element);
    return wanted.findIndex(one => one.type === 'radio' && one.name === element.name && one.form === element.form);
  };
  window.dubanWay = [];
  document.addEventListener('focusin', ({target}) => {
    dubanWay.push({at: dubanTold(target), look: dubanLook(target), said: dubanSays(target)});
  });
  document.activeElement && document.activeElement.blur();
  window.getSelection().removeAllRanges();
  return wanted.map(element => ({said: dubanSays(element), look: dubanLook(element), ahead: element.tabIndex > 0}));
}"""

AT_ONCE = 20
"""Presses of Tab before it is asked where they led."""

FORMS = """() => [...document.forms].filter(form => form.checkVisibility()).map(form => ({
  said: dubanSays(form.cloneNode(false)),
  ends: [...form.elements].filter(one => one.matches('button:not([type]), [type=submit], [type=image]') && !one.disabled)
    .map(dubanTold)
}))"""

MISNAMED = """() => {
  const words = text => text.normalize('NFKC').toLowerCase().replace(/[^\\p{L}\\p{N}]+/gu, ' ').trim();
  return [...document.querySelectorAll('a[aria-label], button[aria-label], summary[aria-label]')]
    .filter(each => each instanceof HTMLElement && each.checkVisibility())
    .filter(each => !words(each.getAttribute('aria-label')).includes(words(each.innerText)))
    .map(each => 'lacks its own words: ' + each.outerHTML.replace(/\\s+/g, ' ').slice(0, 160));
}"""

WIDE = """() => {
  const room = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= room) return [];
  const scrolls = element => {
    for (let up = element.parentElement; up && up !== document.body; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== 'visible') return true;
    return false;
  };
  const wide = [...document.body.querySelectorAll('*')]
    .filter(element => element.getBoundingClientRect().right > room + 1 && !scrolls(element));
  return wide.filter(element => !wide.includes(element.parentElement)).slice(0, 10)
    .map(element => `${Math.round(element.getBoundingClientRect().right)} of ${room} px: ` +
      element.outerHTML.replace(/\\s+/g, ' ').slice(0, 160))
    .concat([`the page is ${document.scrollingElement.scrollWidth} px wide, the window ${room}`]);
}"""


def serious(page: Page) -> list[str]:
    """What axe finds and calls serious or critical, as ``rule: what: element``."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found: list[dict[str, Any]] = page.evaluate(RUN_AXE)
    return [
        f"{each['id']}: {each['help']}: {html}" for each in found if each["impact"] in GRAVE for html in each["nodes"]
    ]


def nameless(page: Page) -> list[str]:
    """Controls without a name in the browser's own accessibility tree: a reader of screens could not say what they are."""
    tools = page.context.new_cdp_session(page)
    tools.send("DOM.enable")
    nodes: list[dict[str, Any]] = tools.send("Accessibility.getFullAXTree")["nodes"]
    found = [
        f"{node['role']['value']} without a name: {_element(tools, node['backendDOMNodeId'])}"
        for node in nodes
        if not node["ignored"]
        and node["role"]["value"] in CONTROLS
        and not node.get("name", {}).get("value", "").strip()
    ]
    tools.detach()
    return found


def unreachable(page: Page) -> list[str]:
    """Controls that Tab does not reach in their order or that do not show it; forms that cannot be sent by the keyboard."""
    controls: list[dict[str, Any]] = page.evaluate(MARK_CONTROLS)
    forms = [each for each in page.evaluate(FORMS) if not each["ends"] or min(each["ends"]) < MOST_TABS]
    visited, found = _walk(page, controls)
    found += [f"tabindex above 0: {each['said']}" for each in controls if each["ahead"]]
    found += [
        f"Tab does not reach: {each['said']}" for at, each in enumerate(controls[:MOST_TABS]) if at not in visited
    ]
    if visited != sorted(visited):
        found.append(f"Tab goes another way than the page reads: {[controls[at]['said'] for at in visited]}")
    found += [
        f"no button of it is reached by Tab: {each['said']}" for each in forms if not {*each["ends"]} & {*visited}
    ]
    return found


def too_wide(page: Page) -> list[str]:
    """What sticks out of the window to the right, so that the whole page must be pushed sideways."""
    found: list[str] = page.evaluate(WIDE)
    return found


def misnamed(page: Page) -> list[str]:
    """Controls with a name that lacks the words that stand on them: whoever speaks to his computer calls them in vain.

    Source: WCAG 2.1, success criterion 2.5.3 (label in name).
    """
    found: list[str] = page.evaluate(MISNAMED)
    return found


def flaws(page: Page) -> list[str]:
    """Everything above."""
    return serious(page) + nameless(page) + unreachable(page) + too_wide(page)


def _walk(page: Page, controls: list[dict[str, Any]]) -> tuple[list[int], list[str]]:
    """Press Tab until it comes round; give which controls it reached, in order, and those whose focus is not seen."""
    visited: list[int] = []
    found: list[str] = []
    still = 0
    while still < MOST_STOPS and len(visited) <= MOST_TABS:
        for _ in range(AT_ONCE):
            page.keyboard.press("Tab")
        way: list[dict[str, Any]] = page.evaluate("() => dubanWay.splice(0)")
        still = 0 if way else still + AT_ONCE  # a day has a stop for its year, its month, its day
        for here in way:
            if here["at"] < 0:
                found.append(f"Tab stops at what is no visible control: {here['said']}")
                continue
            if here["at"] in visited[:-1] or (len(visited) == 1 and here["at"] == visited[0] and len(way) > 1):
                return visited, found
            if not visited or here["at"] != visited[-1]:
                visited.append(here["at"])
                if here["look"] == controls[here["at"]]["look"]:
                    found.append(f"its focus is not seen: {here['said']}")
    return visited, found


def _element(tools: CDPSession, node: int) -> str:
    html: str = tools.send("DOM.getOuterHTML", {"backendNodeId": node})["outerHTML"]
    return " ".join(html.split())[:160]
