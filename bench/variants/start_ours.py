"""From a fresh interpreter to the first collected row, as the function app starts."""

import asyncio
import time

from bench.job import finish, mark, read_job

_BEGIN = time.perf_counter()
import azure.identity.aio  # noqa: E402, F401 - the stub's tokens come without, Entra's do not

from bench.variants.stage import TENANT, settings  # noqa: E402

_SETTINGS = settings(read_job().base_url)
import function_app  # noqa: E402 - what is measured
from shared_code.datasets.guests import GUESTS  # noqa: E402
from shared_code.wiring.build import build  # noqa: E402

_IMPORTED = time.perf_counter()


async def run() -> None:
    services = build(_SETTINGS)
    pages = services.producer.collector.source.pages(TENANT, GUESTS)
    first = (await anext(aiter(pages))).rows[0]
    mark("row")
    await services.close()
    functions = len(function_app.app.get_functions())
    finish({"row": first.id, "import": _IMPORTED - _BEGIN, "functions": functions})


if __name__ == "__main__":
    asyncio.run(run())
