"""The rules of the design on who may import and call whom, read from the source itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import guanxi

PACKAGE = Path(guanxi.__file__).parent
MODULES = {
    ".".join(["guanxi", *path.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(
        ".__init__"
    ): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
#: Those who translate for users: nothing below them may know them.
EDGES = [
    "guanxi.api",
    "guanxi.cli",
    "guanxi.console",
    "guanxi.engine",
    "guanxi.formats",
    "guanxi.results",
    "guanxi.settings",
    "guanxi.verbs",
]
#: All that algorithms may know of guanxi (of memory: how to write a size).
UNDER_ALGORITHMS = [
    "guanxi.algorithms",
    "guanxi.errors",
    "guanxi.graph.arrays",
    "guanxi.kernels",
    "guanxi.memory",
    "guanxi.parallel",
    "guanxi.shared",
    "guanxi.wording",
]


def is_in(name: str, packages: list[str]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def modules_of(package: str) -> list[str]:
    return [name for name in MODULES if is_in(name, [package])]


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text("utf-8"))


def imports(module: str) -> Iterator[str]:
    """Every module that `module` imports, be it late or for its types only."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from map(imported_module, [node] * len(node.names), node.names)


def imported_module(node: ast.ImportFrom, alias: ast.alias) -> str:
    assert node.level == 0, f"line {node.lineno}: a relative import"
    full = f"{node.module}.{alias.name}"
    return full if full in MODULES else str(node.module)


def test_the_rules_see_the_package() -> None:
    assert {"guanxi", "guanxi.graph.arrays", "guanxi.algorithms", "guanxi.cli"} <= set(MODULES)
    assert "guanxi.errors" in set(imports("guanxi.graph.filters"))


@pytest.mark.parametrize("module", modules_of("guanxi.algorithms"))
def test_algorithms_know_arrays_only(module: str) -> None:
    known = {name for name in imports(module) if is_in(name, ["guanxi"])}
    assert {name for name in known if not is_in(name, UNDER_ALGORITHMS)} == set()


@pytest.mark.parametrize("module", modules_of("guanxi.graph"))
def test_the_graph_knows_nothing_of_the_edges(module: str) -> None:
    assert {name for name in imports(module) if is_in(name, EDGES)} == set()


@pytest.mark.parametrize("module", modules_of("guanxi.shared"))
def test_what_is_shared_stands_on_nothing(module: str) -> None:
    known = {name for name in imports(module) if is_in(name, ["guanxi"])}
    assert {name for name in known if not is_in(name, ["guanxi.shared", "guanxi.kernels"])} == set()


@pytest.mark.parametrize("module", sorted(MODULES))
def test_numba_compiles_by_our_decorators_only(module: str) -> None:
    """So that every kernel releases the GIL, has no threads of its own and lies in our cache."""
    if module == "guanxi.kernels":
        return
    compilers = {"cfunc", "guvectorize", "jit", "njit", "prange", "stencil", "vectorize"}
    used = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Attribute | ast.Name)
    }
    assert used & compilers == set()


def decorators(function: ast.FunctionDef) -> set[str]:
    return {node.id for node in function.decorator_list if isinstance(node, ast.Name)}


def kernels(module: str) -> dict[str, ast.FunctionDef]:
    return {
        node.name: node
        for node in tree(module).body
        if isinstance(node, ast.FunctionDef) and decorators(node) & {"kernel", "inline"}
    }


@pytest.mark.parametrize("module", [name for name in MODULES if kernels(name)])
def test_kernels_call_their_own_file_or_what_is_shared(module: str) -> None:
    """The cache of a kernel notices changes there, and nowhere else."""
    elsewhere = {
        alias.asname or alias.name: str(node.module)
        for node in ast.walk(tree(module))
        if isinstance(node, ast.ImportFrom) and is_in(str(node.module), ["guanxi"])
        for alias in node.names
    }
    plain = {
        node.name
        for node in tree(module).body
        if isinstance(node, ast.FunctionDef) and node.name not in kernels(module)
    }
    # An intrinsic of numba is part of the code that calls it.
    plain -= {
        node.name
        for node in tree(module).body
        if isinstance(node, ast.FunctionDef) and "intrinsic" in decorators(node)
    }
    for name, function in kernels(module).items():
        called = {
            node.func.id
            for node in ast.walk(function)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert called & plain == set(), f"{name} calls what is not compiled"
        foreign = {
            other
            for other in called & set(elsewhere)
            if not is_in(elsewhere[other], ["guanxi.shared"])
        }
        assert foreign == set(), f"{name} calls what lies in another file"


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["top", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    heavy = {"numba", "llvmlite", "numpy", "duckdb", "pandas", "networkx", "sqlglot", "fastapi"}
    code = f"""
import sys
sys.argv = ["guanxi", *{arguments}]
from guanxi.cli import main
try:
    main()
except SystemExit as error:
    assert not error.code, error.code
print("loaded:", *sorted({heavy} & set(sys.modules)))
"""
    assert run(code).splitlines()[-1] == "loaded:"


def test_no_setting_is_read_at_import() -> None:
    """Kernels must know their cache when they are decorated; nothing else may ask so early."""
    names = [name for name in MODULES if not name.endswith("__main__")]
    code = f"""
import importlib, os
asked = set()
get = os._Environ.__getitem__
def spy(environ, key):
    asked.add(key)
    return get(environ, key)
os._Environ.__getitem__ = spy
for name in {names}:
    importlib.import_module(name)
print(*sorted(key for key in asked if str(key).startswith("GUANXI")))
"""
    assert run(code) in ("", "GUANXI_CACHE")
