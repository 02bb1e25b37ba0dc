"""Command: turns an async function into a command with the options that all of them have."""

import inspect
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from ops.answers import Answer, write
from ops.session import Exit, Opening, Options, Session, ended, opened

type Working = Callable[..., Awaitable[Answer | None]]

_COMMON = {
    "settings": Annotated[
        Path | None,
        typer.Option(
            help="A local.settings.json; without one, the environment.", envvar="OPS_SETTINGS"
        ),
    ],
    "as_me": Annotated[
        bool,
        typer.Option(
            "--as-me",
            help="Storage with your own sign-in (az login) instead of the managed identity.",
            envvar="OPS_AS_ME",
        ),
    ],
    "as_json": Annotated[bool, typer.Option("--json", help="JSON instead of a table.")],
}


def group(name: str, text: str) -> typer.Typer:
    return typer.Typer(name=name, help=text, no_args_is_help=True)


def command(app: typer.Typer, name: str) -> Callable[[Working], Working]:
    """The function gets a Session and its own arguments, and gives what is to be written."""

    def register(function: Working) -> Working:
        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        app.command(name, help=function.__doc__)(_run(function, own))
        return function

    return register


def _run(function: Working, own: list[inspect.Parameter]) -> Callable[..., None]:
    def run(context: typer.Context, **words: Any) -> None:  # noqa: ANN401
        as_json = words.pop("as_json")
        options = Options(words.pop("settings"), words.pop("as_me"))
        opening: Opening = context.obj or opened
        code, answer = ended(_work(function, opening, options, words))
        if answer is not None:
            code = _written(answer, as_json=as_json)
        raise typer.Exit(code)

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter("context", keyword, annotation=typer.Context),
        *(each.replace(kind=keyword) for each in own),
        inspect.Parameter("settings", keyword, default=None, annotation=_COMMON["settings"]),
        inspect.Parameter("as_me", keyword, default=False, annotation=_COMMON["as_me"]),
        inspect.Parameter("as_json", keyword, default=False, annotation=_COMMON["as_json"]),
    ]
    run.__signature__ = inspect.Signature(parameters)  # pyright: ignore[reportFunctionMemberAccess]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


def _written(answer: Answer, *, as_json: bool) -> Exit:
    try:
        write(answer, as_json=as_json)
    except BrokenPipeError:
        raise  # whoever reads has had enough
    except OSError as error:
        print(f"error: done, but the answer cannot be written: {error.strerror}", file=sys.stderr)
        # What is left over would be tried again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.REFUSED
    return Exit.OK


async def _work(
    function: Working, opening: Opening, options: Options, words: dict[str, Any]
) -> Answer | None:
    async with opening(options) as session:
        return await function(session, **words)


__all__ = ["Session", "command", "group"]
