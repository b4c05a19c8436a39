"""Build docs/*.md into plain HTML pages that work offline: `python docs/build.py [FOLDER]`.

The navigation is the list of links in index.md. A link to a page, a heading or a file that
is not there ends the build with a sentence that names it.
"""

from __future__ import annotations

import html
import itertools
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

HERE = Path(__file__).parent
_EXTERNAL = re.compile(r"[a-z][a-z0-9+.-]*:")


@dataclass
class Page:
    """One page: where it is, how it is called, its headings by anchor, and its tokens."""

    path: Path
    tokens: list[Token]
    title: str = ""
    anchors: set[str] = field(default_factory=set)

    @property
    def target(self) -> str:
        """The name of its HTML file."""
        return self.path.stem + ".html"


def slug(text: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def plain_text(token: Token) -> str:
    """The text of an inline token without its markup."""
    return "".join(child.content for child in token.children or [])


def read_page(markdown: MarkdownIt, path: Path) -> Page:
    """Parse one page; its headings get anchors."""
    page = Page(path, markdown.parse(path.read_text("utf-8")))
    for opening, inline in itertools.pairwise(page.tokens):
        if opening.type != "heading_open":
            continue
        anchor = base = slug(plain_text(inline))
        repeated = 0
        while anchor in page.anchors:
            repeated += 1
            anchor = f"{base}-{repeated}"
        page.anchors.add(anchor)
        opening.attrSet("id", anchor)
        if opening.tag == "h1" and not page.title:
            page.title = plain_text(inline)
    if not page.title:
        sys.exit(f"{path.name}: the page has no heading of the first level.")
    return page


def links(page: Page) -> list[Token]:
    """The opening tokens of all links of a page."""
    inlines = (token.children or [] for token in page.tokens if token.type == "inline")
    return [child for children in inlines for child in children if child.type == "link_open"]


def point_to_html(page: Page, pages: dict[str, Page]) -> None:
    """Turn links between pages into links between HTML files; check that they lead somewhere."""
    for link in links(page):
        href = str(link.attrGet("href") or "")
        if _EXTERNAL.match(href):
            continue
        name, _, anchor = href.partition("#")
        other = pages.get(name) if name else page
        if other is None:
            sys.exit(f"{page.path.name}: there is no page {href}.")
        if anchor and anchor not in other.anchors:
            sys.exit(f"{page.path.name}: the page {other.path.name} has no heading #{anchor}.")
        link.attrSet("href", (other.target if name else "") + (f"#{anchor}" if anchor else ""))


def navigation(index: Page, current: Page) -> str:
    """The links of index.md as a list, the current page marked."""
    entries = [(index.target, "Overview")]
    for token in index.tokens:
        children = token.children or []
        for link, text in itertools.pairwise(children):
            if link.type == "link_open" and str(link.attrGet("href")).endswith(".html"):
                entries.append((str(link.attrGet("href")), text.content))
    lines = []
    for href, name in entries:
        mark = ' aria-current="page"' if href == current.target else ""
        lines.append(f'<li><a href="{html.escape(href)}"{mark}>{html.escape(name)}</a></li>')
    return "\n".join(lines)


def build(folder: Path, source: Path = HERE) -> list[str]:
    """Build all pages of `source` into `folder`, which is emptied first; their names."""
    markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    found = sorted(source.glob("*.md"))
    pages = {path.name: read_page(markdown, path) for path in found}
    if "index.md" not in pages:
        sys.exit(f"{source} has no index.md.")
    for page in pages.values():
        point_to_html(page, pages)
    template = (HERE / "page.html").read_text("utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(HERE / "style.css", folder)
    for page in pages.values():
        body = markdown.renderer.render(page.tokens, markdown.options, {})
        text = template.replace("{{title}}", html.escape(page.title))
        text = text.replace("{{navigation}}", navigation(pages["index.md"], page))
        text = text.replace("{{body}}", body)
        (folder / page.target).write_text(text, "utf-8")
    return [page.target for page in pages.values()]


if __name__ == "__main__":
    site = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "site"
    print(f"{len(build(site))} pages are in {site}; begin with {site / 'index.html'}.")
