"""From a fresh interpreter to the first row, as an app on the SDKs' typed clients starts."""
# pyright: reportMissingTypeStubs=false

import asyncio
import time

from bench.job import Job, finish, mark, read_job

_BEGIN = time.perf_counter()
import azure.functions as func  # noqa: E402 - what is measured
from azure.data.tables.aio import TableServiceClient  # noqa: E402
from azure.identity.aio import ClientSecretCredential  # noqa: E402
from azure.storage.blob.aio import BlobServiceClient  # noqa: E402
from azure.storage.queue.aio import QueueServiceClient  # noqa: E402

from bench.variants.sdk import client, guests  # noqa: E402

_IMPORTED = time.perf_counter()
from bench.variants.stage import CONNECTION, TENANT  # noqa: E402

app = func.FunctionApp()


@app.queue_trigger(arg_name="message", queue_name="runs", connection="REPORTS_STORAGE")
async def runs(message: func.QueueMessage) -> None:
    del message


async def run(job: Job) -> None:
    storage = [
        kind.from_connection_string(CONNECTION)
        for kind in (TableServiceClient, BlobServiceClient, QueueServiceClient)
    ]
    credential = ClientSecretCredential(TENANT, "app", "-")
    page = await client(job.base_url).users.get(guests())
    users = page.value if page else None
    first = users[0] if users else None
    mark("row")
    for each in (*storage, credential):
        await each.close()
    row = first.id if first else None
    functions = len(app.get_functions())
    finish({"row": row, "import": _IMPORTED - _BEGIN, "functions": functions})


if __name__ == "__main__":
    asyncio.run(run(read_job()))
