"""What a page says that nobody should have to read: codes of the program, English on a Chinese page, columns without a name."""

import re

from playwright.sync_api import Page

from workflows.workspace import Workspace

SHOWN = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  const skipped = 'code, pre, .mono, .ref, .ref-line, script, style, textarea, svg, [lang=en]';
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, said = walker.currentNode.data.replace(/\\s+/g, ' ').trim();
    if (said && !element.closest(skipped) && element.checkVisibility({checkVisibilityCSS: true})) found.push(said);
  }
  return found;
}"""

UNHEADED = """() => [...document.querySelectorAll('th, h1, h2, h3, legend, label, summary')]
  .filter(element => element.checkVisibility() && !element.textContent.trim())
  .map(element => `nothing in ${element.outerHTML.slice(0, 120)}`)"""

ENGLISH = re.compile(r"[a-z_]{4,}")
CODE = re.compile(r"\b[a-z0-9]+_[a-z0-9_]+\b", re.ASCII)

MEANT = re.compile(
    r"\bduban [a-z]+(?: [a-z]+)*|\bpython [a-z_]+\.py\b|--[a-z]+"  # commands
    r"|https?://\S+|[\w./-]+\.(?:pdf|txt|yaml|csv|xlsx|json|ics|mmd|svg|zip|db)\b"  # addresses and names of files
    r"|\b[0-9a-f]{8,64}\b"  # digests
    r"|\b[a-z_]+/[\w./-]+"  # references
    r"|\b(?:duban|console|file|email|webhook|csv|iCalendar|sha256|mermaid|Mermaid|Office|roster)\b"
    r"|\bvkey\b",
    re.ASCII,
)
"""What is written so in Chinese too."""


def untold(page: Page, workspace: Workspace, *, chinese: bool) -> list[str]:
    """Words on the page that only the program knows: on a Chinese page any English, on an English one codes."""
    logins = sorted(workspace.people.rehearsal, key=len, reverse=True)
    meant = re.compile("|".join([MEANT.pattern, *map(re.escape, logins)]), re.ASCII)
    pattern = ENGLISH if chinese else CODE
    said: list[str] = page.evaluate(SHOWN)
    return [f"says {each[:120]!r}" for each in dict.fromkeys(said) if pattern.search(meant.sub("", each))]


def unheaded(page: Page) -> list[str]:
    """Headings, columns and labels in which nothing stands."""
    found: list[str] = page.evaluate(UNHEADED)
    return found
