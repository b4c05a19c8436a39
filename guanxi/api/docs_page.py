"""The specification as a page of plain HTML: no script, nothing from elsewhere."""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any

from guanxi.api import problems

STYLE = """\
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
pre { overflow-x: auto; padding: .6rem; border: 1px solid; border-radius: .3rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; }
section { border-top: 1px solid; margin-top: 1.5rem; }
"""


def docs_page(specification: dict[str, Any]) -> str:
    """The page, made from an OpenAPI specification."""
    schemas = specification["components"]["schemas"]
    parts = [
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width"><title>guanxi API</title>'
            '<link rel="stylesheet" href="/docs.css"></head><body><main><h1>guanxi API</h1>'
        ),
        f"<p>{escape(specification['info']['description'])}</p>",
        (
            "<p>Send a key as <code>Authorization: Bearer gx_…</code>. The specification: "
            '<a href="/openapi.json">openapi.json</a>.</p>'
        ),
    ]
    for path, operations in specification["paths"].items():
        for method, operation in operations.items():
            parts.append(_operation(method.upper(), path, operation, schemas))
    parts.append(_problems())
    parts.append("</main></body></html>")
    return "\n".join(parts)


def _operation(method: str, path: str, operation: dict[str, Any], schemas: dict[str, Any]) -> str:
    parts = [f"<section><h2><code>{method} {escape(path)}</code></h2>"]
    parts += [f"<p>{_prose(text)}</p>" for text in operation["description"].split("\n\n")]
    rows = [
        _row(each["name"], each.get("description", ""), each.get("schema", {}))
        for each in operation.get("parameters", [])
    ]
    parts.append(_table("Parameters", rows))
    content = operation.get("requestBody", {}).get("content", {})
    reference = content.get("application/json", {}).get("schema", {}).get("$ref")
    if reference:
        schema = schemas[reference.rsplit("/", 1)[1]]
        fields = schema["properties"].items()
        parts.append(
            _table("Body", [_row(name, each.get("description", ""), each) for name, each in fields])
        )
        for example in schema.get("examples", []):
            parts.append(f"<pre>{escape(_curl(method, path, example))}</pre>")
    elif content:
        parts.append("<p>The body of the request is the file itself.</p>")
    parts.append("</section>")
    return "\n".join(parts)


def _curl(method: str, path: str, example: Any) -> str:
    body = json.dumps(example, ensure_ascii=False)
    return (
        f"curl -X {method} -H 'Authorization: Bearer gx_…' "
        f"-H 'Content-Type: application/json' \\\n  -d '{body}' http://127.0.0.1:8000{path}"
    )


def _table(title: str, rows: list[str]) -> str:
    if not rows:
        return ""
    head = '<tr><th scope="col">name</th><th scope="col">type</th><th scope="col">meaning</th></tr>'
    return f"<h3>{title}</h3><table>{head}{''.join(rows)}</table>"


def _row(name: str, text: str, schema: dict[str, Any]) -> str:
    kinds = [schema, *schema.get("anyOf", [])]
    types = [str(each.get("type") or each.get("$ref", "").rsplit("/", 1)[-1]) for each in kinds]
    shown = " or ".join(dict.fromkeys(each for each in types if each and each != "null"))
    default = schema.get("default")
    more = f" ({json.dumps(default)})" if default not in (None, [], "") else ""
    return (
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(shown + more)}</td>"
        f"<td>{_prose(text)}</td></tr>"
    )


def _prose(text: str) -> str:
    """A sentence of the specification; what stands in backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _problems() -> str:
    kinds = {kind.slug: kind for kind in [*problems.KINDS.values(), *problems.OTHER.values()]}
    kinds |= {kind.slug: kind for kind in (problems.INTERNAL, problems.STOPPING)}
    rows = [
        f'<tr id="{kind.slug}"><td><code>{kind.slug}</code></td><td>{kind.status}</td>'
        f"<td>{escape(kind.title)}</td></tr>"
        for kind in kinds.values()
    ]
    return f'<section><h2 id="problems">Problems</h2><table>{"".join(rows)}</table></section>'
