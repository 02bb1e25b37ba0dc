"""Requests to the sender's mailbox, as msgraph-sdk builds them."""
# pyright: reportMissingTypeStubs=false
# The SDK is typed, but says so nowhere.

import httpx
import msgspec
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.request_information import RequestInformation
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.message import Message
from msgraph.generated.models.recipient import Recipient
from msgraph.generated.models.single_value_legacy_extended_property import (
    SingleValueLegacyExtendedProperty,
)
from msgraph.generated.users.item.mail_folders.item.messages.messages_request_builder import (
    MessagesRequestBuilder,
)
from msgraph.generated.users.item.send_mail.send_mail_post_request_body import (
    SendMailPostRequestBody,
)
from msgraph.graph_service_client import GraphServiceClient

from shared_code.core.delivery import Mail
from shared_code.core.errors import ContractBroken

# A named property of ours: it stays with the copy among the sent mails, and can be filtered by,
# which header fields cannot.
MARKER = "String {5d9a2f0c-6d0f-4b39-9c0b-8b5a4b1f7e36} Name DigestDelivery"

_SENT = "sentitems"


class _Item(msgspec.Struct):
    id: str


class _Found(msgspec.Struct):
    value: list[_Item]


def sending(builders: GraphServiceClient, sender: str, mail: Mail) -> RequestInformation:
    message = Message(
        subject=mail.subject,
        body=ItemBody(content=mail.html, content_type=BodyType.Html),
        to_recipients=[Recipient(email_address=EmailAddress(address=mail.recipient))],
        single_value_extended_properties=[
            SingleValueLegacyExtendedProperty(id=MARKER, value=mail.marker)
        ],
    )
    body = SendMailPostRequestBody(message=message, save_to_sent_items=True)
    return builders.users.by_user_id(sender).send_mail.to_post_request_information(body)


def searching(builders: GraphServiceClient, sender: str, marker: str) -> RequestInformation:
    wanted = f"ep/id eq '{MARKER}' and ep/value eq '{marker}'"
    query = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters(
        filter=f"singleValueExtendedProperties/Any(ep: {wanted})", select=["id"], top=1
    )
    messages = builders.users.by_user_id(sender).mail_folders.by_mail_folder_id(_SENT).messages
    return messages.to_get_request_information(RequestConfiguration(query_parameters=query))


def any_found(body: bytes) -> bool:
    """Raises ContractBroken: what cannot be read is no proof that nothing was sent."""
    try:
        return bool(msgspec.json.decode(body, type=_Found).value)
    except msgspec.DecodeError as error:
        raise ContractBroken("sent mails", "not a list of messages") from error


def was_never_connected(error: Exception) -> bool:
    return isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout)
