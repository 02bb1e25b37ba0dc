"""Which modules of msgraph-sdk the product uses, found in its source: a hundred of eight thousand.

The SDK imports inside its functions, so a name that the product says decides what is followed:

    builders.users.by_user_id(sender).send_mail     users, by_user_id, send_mail are said somewhere
        -> generated/users/users_request_builder -> .../user_item_request_builder -> ...

A model that the product imports is written and read, and so are the errors, which answer anything.
Every other model is only there to be imported.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_SDK = "msgraph"
_ERRORS = f"{_SDK}.generated.models.o_data_errors."
_OF_MODELS = frozenset({"serialize", "get_field_deserializers", "create_from_discriminator_value"})


@dataclass(frozen=True, slots=True)
class Uses:
    """What a program's source says: SDK modules it imports, and every attribute it names."""

    modules: frozenset[str]
    names: frozenset[str]


def uses(sources: Iterable[bytes]) -> Uses:
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    return Uses(
        frozenset(name for node in nodes for name in _imported(node) if _is_sdk(name)),
        frozenset(node.attr for node in nodes if isinstance(node, ast.Attribute)),
    )


def used_files(site: Path, uses: Uses) -> frozenset[str]:
    """Paths below `site`, as RECORD writes them."""
    if not uses.modules:
        return frozenset()
    seen: dict[str, Path] = {}
    waiting = [_SDK, *uses.modules]
    while waiting:
        name = waiting.pop()
        file = _file(site, name)
        if name not in seen and file is not None:
            seen[name] = file
            waiting += _followed(file, name, uses)
    return frozenset(_with_parents(site, seen.values()))


def _followed(file: Path, name: str, uses: Uses) -> Iterator[str]:
    is_alive = name in uses.modules or name.startswith(_ERRORS)
    called = uses.names | _OF_MODELS if is_alive else uses.names - _OF_MODELS
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    for node in _run(ast.parse(file.read_bytes()), called):
        if isinstance(node, ast.ImportFrom) and (node.level or _is_sdk(node.module or "")):
            yield from _targets(node, package)


def _targets(node: ast.ImportFrom, package: str) -> Iterator[str]:
    parents = package.split(".")
    stem = parents[: len(parents) + 1 - node.level] if node.level else []
    module = ".".join([*stem, *([node.module] if node.module else [])])
    yield module
    # What is imported from a package may be a module; if it is none, no file is found.
    yield from (f"{module}.{alias.name}" for alias in node.names)


def _run(node: ast.AST, called: frozenset[str]) -> Iterator[ast.AST]:
    """What runs when the module is imported and functions of these names are called."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and not (
            child.name in called or child.name.startswith("__")
        ):
            continue
        yield child
        yield from _run(child, called)


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom) and not node.level and node.module:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)


def _is_sdk(module: str) -> bool:
    return module.split(".", 1)[0] == _SDK


def _file(site: Path, module: str) -> Path | None:
    path = site.joinpath(*module.split("."))
    candidates = (path.with_name(f"{path.name}.py"), path / "__init__.py")
    return next((file for file in candidates if file.is_file()), None)


def _with_parents(site: Path, files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        path = file.relative_to(site)
        yield path.as_posix()
        yield from (
            (folder / "__init__.py").as_posix()
            for folder in path.parents
            if (site / folder / "__init__.py").is_file()
        )
