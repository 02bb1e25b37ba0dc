"""Azurite starts on free ports, keeps what it is told to keep, and ends."""

from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient
from azure.storage.queue.aio import QueueClient

from dev.azurite import Azurite, AzuriteError


async def test_two_run_side_by_side_and_answer() -> None:
    async with Azurite() as one, Azurite() as other:
        assert one.connection_string != other.connection_string
        async with QueueClient.from_connection_string(one.connection_string, "runs") as queue:
            await queue.create_queue()
            await queue.send_message("hello")
            assert (await queue.get_queue_properties()).approximate_message_count == 1


def test_a_folder_keeps_blobs_over_a_restart(tmp_path: Path) -> None:
    for content in (b"first", b"second"):
        with Azurite(tmp_path) as azurite:
            service = BlobServiceClient.from_connection_string(azurite.connection_string)
            with service, service.get_container_client("kept") as container:
                if container.exists():
                    assert container.download_blob("it").readall() == b"first"
                    return
                container.create_container()
                container.upload_blob("it", content)
    pytest.fail("the container was gone after the restart")


def test_a_stopped_one_has_no_address() -> None:
    azurite = Azurite()
    azurite.stop()

    with pytest.raises(AzuriteError, match="not running"):
        _ = azurite.connection_string


def test_missing_node_modules_say_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(AzuriteError, match="make install"):
        Azurite(project=tmp_path).start()


def test_a_taken_port_is_reported() -> None:
    with Azurite() as azurite:
        taken = int(azurite.connection_string.split("BlobEndpoint=")[1].split(":")[2].split("/")[0])
        with pytest.raises(AzuriteError, match="ended at start"):
            Azurite(ports=(taken, 0, 0)).start()
