"""
Reads Bicep the way the tests need it: syntax errors, and declarations as plain values.

The Bicep compiler is not to be had from a package registry, so here a grammar reads the files (it sees syntax, not
types); the compiler and its linter run in the `ci` workflow.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import tree_sitter
import tree_sitter_bicep

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"

_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bicep.language()))


@dataclass(frozen=True, slots=True)
class Expression:
    """Anything that is not a literal, as it stands in the file."""

    text: str


Value = str | int | bool | list["Value"] | dict[str, "Value"] | Expression


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource declaration; a nested one carries its parent's type in front of its own."""

    symbol: str
    type: str
    existing: bool
    body: dict[str, Value]
    text: str


@dataclass(slots=True)
class Template:
    """One Bicep file: what it takes, what it declares."""

    path: Path
    parameters: dict[str, bool] = field(default_factory=dict)  # name to "has a default"
    variables: dict[str, Value] = field(default_factory=dict)
    resources: list[Resource] = field(default_factory=list)
    modules: dict[str, dict[str, Value]] = field(default_factory=dict)  # path to the parameters it is given

    def of_type(self, type_: str) -> list[Resource]:
        """The resources declared here of one type, whatever its version; references to existing ones left out."""
        return [found for found in self.resources if found.type == type_ and not found.existing]


def templates() -> list[Path]:
    """Every Bicep template of the project."""
    return sorted(INFRA.rglob("*.bicep"))


def syntax_errors(source: str) -> list[str]:
    """Line numbers (from 1) and text of whatever the grammar cannot read; empty for a file it reads whole."""
    return [
        f"line {node.start_point.row + 1}: {_text(node)[:60]!r}"
        for node in _walk(_PARSER.parse(source.encode()).root_node)
        if node.type == "ERROR" or node.is_missing
    ]


def read(path: Path) -> Template:
    """The declarations of a template or a parameter file."""
    source = path.read_text(encoding="utf-8")
    found = Template(path)
    for node in _PARSER.parse(_as_template(path, source).encode()).root_node.named_children:
        match node.type:
            case "parameter_declaration":
                type_ = next(i for i, child in enumerate(node.named_children) if child.type == "type")
                found.parameters[_text(node.named_children[0])] = len(node.named_children) > type_ + 1
            case "variable_declaration":
                found.variables[_text(node.named_children[0])] = _value(node.named_children[-1])
            case "resource_declaration":
                found.resources.extend(_resources(node, ""))
            case "module_declaration":
                body = _object(node)
                given = body.get("params", {})
                found.modules[_string(node)] = given if isinstance(given, dict) else {}
            case _:
                pass
    return found


def readable(path: Path) -> str:
    """The text of a file in the form the grammar knows."""
    return _as_template(path, path.read_text(encoding="utf-8"))


def _as_template(path: Path, source: str) -> str:
    # The grammar knows no assignments to parameters, which is all a .bicepparam has; a variable reads the same.
    if path.suffix != ".bicepparam":
        return source
    return "".join(
        f"var {line.removeprefix('param ')}" if line.startswith("param ") else line
        for line in source.splitlines(keepends=True)
    )


def _resources(node: tree_sitter.Node, parent_type: str) -> Iterator[Resource]:
    name = _string(node).partition("@")[0]
    type_ = f"{parent_type}/{name}" if parent_type else name
    yield Resource(
        symbol=_text(node.named_children[0]),
        type=type_,
        existing=any(child.type == "existing" for child in node.children),
        body=_object(node),
        text=_text(node),
    )
    body = _object_node(node)
    for child in body.named_children if body else []:
        for nested in child.named_children:
            if nested.type == "resource_declaration":
                yield from _resources(nested, type_)


def _object_node(declaration: tree_sitter.Node) -> tree_sitter.Node | None:
    # A condition or a loop stands between a declaration and its object.
    for child in declaration.named_children:
        if child.type == "object":
            return child
        if child.type in {"for_statement", "if_statement"}:
            return _object_node(child)
    return None


def _object(declaration: tree_sitter.Node) -> dict[str, Value]:
    body = _object_node(declaration)
    value = _value(body) if body else {}
    return value if isinstance(value, dict) else {}


def _value(node: tree_sitter.Node) -> Value:
    match node.type:
        case "object":
            pairs = (child.named_children for child in node.named_children if child.type == "object_property")
            return {_key(pair[0]): _value(pair[1]) for pair in pairs if len(pair) == 2}
        case "array":
            return [_value(child) for child in node.named_children if child.type != "comment"]
        case "number":
            return int(_text(node))
        case "boolean":
            return _text(node) == "true"
        case "string" if all(child.type == "string_content" for child in node.named_children):
            return "".join(_text(child) for child in node.named_children)
        case _:
            return Expression(_text(node))


def _key(node: tree_sitter.Node) -> str:
    return _text(node).strip("'")


def _string(declaration: tree_sitter.Node) -> str:
    return _text(next(child for child in declaration.named_children if child.type == "string")).strip("'")


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode()


def _walk(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    yield node
    for child in node.children:
        yield from _walk(child)
