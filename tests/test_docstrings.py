"""What every public name says of itself, and what every formula says of its origin."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "evenground"
MODULES = sorted(SOURCE.rglob("*.py"))
SCIENCE = [
    path
    for path in MODULES
    if path.parent.name in {"exposure", "objectives", "health"} and path.name != "__init__.py"
]
ARRAYS = {"Float", "Index", "Plans", "NDArray"}
DIM = r"(?:\.\.\.|[a-z_0-9]+)"
SHAPE = re.compile(rf"\({DIM},\)|\({DIM}(?:, {DIM})+\)|any shape")
"""Dims in brackets, as in ``(channel, neighbourhood)``, ``(..., layer)`` or ``(receptor,)``."""
ORIGIN = re.compile(r"References\n-+|\.\. math::|[a-z_]+\.csv|\bsource\b|own choice", re.IGNORECASE)
"""Where a formula is from: a reference, the formula itself, or a table that names sources."""


def name_of(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def public(path: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.ClassDef]]:
    """Give the public functions, classes and methods of a module."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
            for inner in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_"):
                    yield f"{node.name}.{inner.name}", inner


def arrays_of(node: ast.FunctionDef | ast.ClassDef) -> list[str]:
    """Return the arguments of a function that are arrays."""
    if isinstance(node, ast.ClassDef):
        return []
    arguments = [*node.args.args, *node.args.kwonlyargs]
    return [
        argument.arg
        for argument in arguments
        if argument.annotation is not None
        and ARRAYS & set(re.findall(r"\w+", ast.unparse(argument.annotation)))
    ]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_docstring__of_every_public_name_is_there(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), "module"
    missing = [name for name, node in public(path) if not ast.get_docstring(node)]

    assert missing == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_docstring__begins_with_one_whole_line(path: Path) -> None:
    for name, node in public(path):
        first = (ast.get_docstring(node) or "").partition("\n")[0]
        assert first.endswith("."), name


@pytest.mark.parametrize("path", SCIENCE, ids=name_of)
def test_docstring__of_a_formula_says_where_it_is_from(path: Path) -> None:
    module = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    functions = [ast.get_docstring(node) or "" for _, node in public(path)]

    assert any(ORIGIN.search(text) for text in (module, *functions))


@pytest.mark.parametrize("path", SCIENCE, ids=name_of)
def test_docstring__gives_the_dims_of_arrays(path: Path) -> None:
    module = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    of_module = bool(SHAPE.search(module))

    missing = [
        name
        for name, node in public(path)
        if arrays_of(node) and not (of_module or SHAPE.search(ast.get_docstring(node) or ""))
    ]

    assert missing == []
