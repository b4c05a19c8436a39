"""The documentation builds, works offline, and its made parts are fresh."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parent.parent / "docs"


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_{name}", DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    script("build").build(folder)
    return folder


def test_every_page_is_built_and_in_the_navigation(site: Path) -> None:
    built = {path.name for path in site.glob("*.html")}
    assert built == {path.stem + ".html" for path in DOCS.glob("*.md")}
    overview = (site / "index.html").read_text("utf-8")
    navigation = overview[overview.index("<nav") : overview.index("</nav>")]
    linked = set(re.findall(r'href="([^"]+)"', navigation))
    assert built == linked


def test_pages_need_nothing_from_elsewhere(site: Path) -> None:
    for page in site.glob("*.html"):
        text = page.read_text("utf-8")
        assert re.findall(r'(?:src|<link[^>]* href)="(?:[a-z]+:)?//', text) == []
        assert "<script" not in text
        assert "{{" not in text
    assert "url(" not in (site / "style.css").read_text()


def test_links_that_lead_nowhere_end_the_build(tmp_path: Path) -> None:
    build = script("build").build
    for text, said in [
        ("[x](nothing.md)", "no page nothing.md"),
        ("[x](index.md#nothing)", "no heading #nothing"),
        ("[x](#nothing)", "no heading #nothing"),
    ]:
        (tmp_path / "index.md").write_text(f"# Title\n\n{text}\n")
        with pytest.raises(SystemExit, match=said):
            build(tmp_path / "out", tmp_path)
    (tmp_path / "index.md").write_text("no heading")
    with pytest.raises(SystemExit, match="no heading of the first level"):
        build(tmp_path / "out", tmp_path)


def test_headings_and_links_between_pages(tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text(
        "# A & b\n\n[To it](other.md#tie-strength-1) [self](#a--b)\n"
    )
    (tmp_path / "other.md").write_text(
        "# Other\n\n## Tie `strength`\n\n## Tie strength\n\n## 关系\n"
    )
    script("build").build(tmp_path / "out", tmp_path)
    index = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "<title>A &amp; b · guanxi</title>" in index
    assert '<a href="other.html#tie-strength-1">To it</a>' in index
    assert '<a href="index.html" aria-current="page">Overview</a>' in index
    other = (tmp_path / "out" / "other.html").read_text("utf-8")
    assert '<h2 id="tie-strength-1">' in other
    assert '<h2 id="关系">' in other


def test_the_page_of_settings_is_fresh() -> None:
    page = (DOCS / "reference-settings.md").read_text("utf-8")
    assert page == script("reference_settings").settings_page(), (
        "run: python docs/reference_settings.py"
    )


def test_the_page_of_commands_is_fresh() -> None:
    page = (DOCS / "reference.md").read_text("utf-8")
    assert page == script("reference_commands").reference_page(), (
        "run: python docs/reference_commands.py"
    )


def test_the_settings_file_in_the_reference_is_one(tmp_path: Path) -> None:
    from guanxi.settings import load_settings

    page = (DOCS / "reference-settings.md").read_text("utf-8")
    example = page.split("```toml\n")[1].split("```")[0]
    (tmp_path / "example.toml").write_text(example, "utf-8")
    settings = load_settings(tmp_path / "example.toml", environ={})
    assert settings.kinds == {"tip": "actor", "vote": "target"}
    assert settings.profiles["loyal"]["default_weight"] == 0
